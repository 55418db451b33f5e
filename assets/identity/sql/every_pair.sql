-- Every pair of a file that is small enough to compare everything. Grain: a pair (a, b), a < b.
SELECT
    x.r AS a,
    y.r AS b,
    1::BIGINT AS rules
FROM record AS x
INNER JOIN record AS y ON x.r < y.r
