-- Pairs inside a component whose own evidence says that they are two entities. Grain: a pair (a, b).
SELECT a, b
FROM completed
WHERE weight <= (SELECT weight FROM worst)
