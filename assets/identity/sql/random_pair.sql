-- Pairs made without looking at the records: each, or every so many, with those at the distances in `shift`. Grain: a pair (a, b), a < b.
SELECT
    0::BIGINT AS rules,
    least(r, other) AS a,
    greatest(r, other) AS b
FROM (SELECT
    record.r,
    (record.r + shift.shift) % shift.records AS other
FROM record CROSS JOIN shift
WHERE record.r % shift.every = 0) AS drawn
