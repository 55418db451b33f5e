-- Members of the blocks of one rule whose size crossed its limit tonight, either way. `block_key` has the rule's keys of all records,
-- `block_key_before` those of the changed and gone ones as they were. Grain: one row a record (r).
WITH change AS (
    SELECT key_1, key_2, key_3, 1 AS difference
    FROM block_key
    SEMI JOIN changed_r ON block_key.r = changed_r.r
    UNION ALL
    SELECT key_1, key_2, key_3, -1 AS difference
    FROM block_key_before
),

moved AS (
    SELECT key_1, key_2, key_3, sum(difference) AS difference
    FROM change
    GROUP BY key_1, key_2, key_3
    HAVING sum(difference) <> 0
),

sized AS (
    SELECT moved.key_1, moved.key_2, moved.key_3, moved.difference, count(*) AS size
    FROM block_key
    INNER JOIN moved ON block_key.key_1 = moved.key_1 AND block_key.key_2 = moved.key_2 AND block_key.key_3 = moved.key_3
    GROUP BY moved.key_1, moved.key_2, moved.key_3, moved.difference
),

crossed AS (
    SELECT sized.key_1, sized.key_2, sized.key_3
    FROM sized
    CROSS JOIN block_limit
    WHERE (sized.size > block_limit.most) <> (sized.size - sized.difference > block_limit.most)
)

SELECT block_key.r
FROM block_key
SEMI JOIN crossed ON block_key.key_1 = crossed.key_1 AND block_key.key_2 = crossed.key_2 AND block_key.key_3 = crossed.key_3
