-- Every pair of a record that is compared anew, where there are few enough to compare everything. Grain: a pair (a, b), a < b.
SELECT DISTINCT
    least(x.r, y.r) AS a,
    greatest(x.r, y.r) AS b,
    1::BIGINT AS rules
FROM rescored AS x
INNER JOIN base AS y ON x.r <> y.r
