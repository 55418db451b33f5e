-- Every record of `rescored` with those it shares a block with, of blocks within their limit, and the rules by which it does, as a
-- bit mask. Grain: a pair (a, b), a < b.
SELECT
    least(x.r, y.r) AS a,
    greatest(x.r, y.r) AS b,
    bit_or(x.rule) AS rules
FROM block_member AS x
INNER JOIN block_member AS y
    ON x.rule = y.rule AND x.key_1 = y.key_1 AND x.key_2 = y.key_2 AND x.key_3 = y.key_3 AND x.r <> y.r
SEMI JOIN rescored ON x.r = rescored.r
WHERE x.is_within AND y.is_within
GROUP BY least(x.r, y.r), greatest(x.r, y.r)
