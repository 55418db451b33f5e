-- Members of the blocks that matter tonight: those that a record of `base_sought` is in, where the block is within its limit, and
-- those whose size crossed it, either way. `block_key` has the blocks of all records by every rule, `block_key_sought` those of
-- `base_sought`, `block_key_before` those of the changed and gone ones as they were. Grain: one row a record (r) and rule.
WITH told AS (
    SELECT
        sought.rule,
        sought.most,
        sought.key_1,
        sought.key_2,
        sought.key_3,
        CASE WHEN changed_r.r IS NULL THEN 0 ELSE 1 END AS difference,
        1 AS sought
    FROM block_key_sought AS sought
    LEFT JOIN changed_r ON sought.r = changed_r.r
    UNION ALL
    SELECT rule, most, key_1, key_2, key_3, -1 AS difference, 0 AS sought
    FROM block_key_before
),

wanted AS (
    SELECT rule, most, key_1, key_2, key_3, sum(difference) AS difference, max(sought) = 1 AS is_sought
    FROM told
    GROUP BY rule, most, key_1, key_2, key_3
),

sized AS (
    SELECT wanted.rule, wanted.most, wanted.key_1, wanted.key_2, wanted.key_3, wanted.difference, wanted.is_sought, count(*) AS size
    FROM block_key
    INNER JOIN wanted
        ON
            block_key.rule = wanted.rule
            AND block_key.key_1 = wanted.key_1
            AND block_key.key_2 = wanted.key_2
            AND block_key.key_3 = wanted.key_3
    GROUP BY wanted.rule, wanted.most, wanted.key_1, wanted.key_2, wanted.key_3, wanted.difference, wanted.is_sought
),

block AS (
    SELECT
        rule,
        key_1,
        key_2,
        key_3,
        is_sought AND size BETWEEN 2 AND most AS is_within,
        (size > most) <> (size - difference > most) AS has_crossed
    FROM sized
)

SELECT block_key.r, block.rule, block.key_1, block.key_2, block.key_3, block.is_within, block.has_crossed
FROM block_key
INNER JOIN block
    ON
        block_key.rule = block.rule
        AND block_key.key_1 = block.key_1
        AND block_key.key_2 = block.key_2
        AND block_key.key_3 = block.key_3
WHERE block.is_within OR block.has_crossed
