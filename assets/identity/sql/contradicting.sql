-- Pairs whose own evidence says that they are two entities. Grain: a pair (a, b).
SELECT
    a,
    b
FROM (SELECT
    a,
    b,
    weight
FROM scored
UNION ALL
SELECT
    a,
    b,
    weight
FROM completed) AS every
WHERE weight <= (SELECT weight FROM worst)
