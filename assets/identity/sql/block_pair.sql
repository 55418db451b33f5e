-- Every record of `rescored` with those it shares a block of one rule with, where the block is within its limit. `block_key` has the
-- rule's keys of all records. Grain: a pair (a, b), a < b.
WITH wanted AS (
    SELECT DISTINCT block_key.key_1, block_key.key_2, block_key.key_3
    FROM block_key
    SEMI JOIN rescored ON block_key.r = rescored.r
),

sized AS (
    SELECT block_key.key_1, block_key.key_2, block_key.key_3, count(*) AS size
    FROM block_key
    SEMI JOIN wanted ON block_key.key_1 = wanted.key_1 AND block_key.key_2 = wanted.key_2 AND block_key.key_3 = wanted.key_3
    GROUP BY block_key.key_1, block_key.key_2, block_key.key_3
),

small AS (
    SELECT sized.key_1, sized.key_2, sized.key_3
    FROM sized
    CROSS JOIN block_limit
    WHERE sized.size BETWEEN 2 AND block_limit.most
),

member AS (
    SELECT block_key.r, block_key.key_1, block_key.key_2, block_key.key_3
    FROM block_key
    SEMI JOIN small ON block_key.key_1 = small.key_1 AND block_key.key_2 = small.key_2 AND block_key.key_3 = small.key_3
)

SELECT DISTINCT
    least(x.r, y.r) AS a,
    greatest(x.r, y.r) AS b,
    block_limit.bit AS rule
FROM member AS x
INNER JOIN member AS y ON x.key_1 = y.key_1 AND x.key_2 = y.key_2 AND x.key_3 = y.key_3 AND x.r <> y.r
SEMI JOIN rescored ON x.r = rescored.r
CROSS JOIN block_limit
