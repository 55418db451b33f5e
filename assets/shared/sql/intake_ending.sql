-- One row per record that is no more: merged, deleted by the CRM's own word, or not delivered tonight where that means
-- something (`run.absent`: delete, gone, or null); with what it was before. Grain: record_key.
WITH delivered AS (
    SELECT record_key
    FROM seen
    UNION
    SELECT record_id AS record_key
    FROM refused
    WHERE record_id IS NOT NULL
),

ended AS (
    SELECT intake_merge.record_key, 'merge' AS op, intake_merge.merged_into, 1 AS place
    FROM intake_merge
    WHERE
        intake_merge.record_key IN (SELECT record_key FROM state)
        OR intake_merge.record_key IN (SELECT record_key FROM intake_winner)
    UNION ALL
    SELECT seen.record_key, 'delete' AS op, CAST(NULL AS VARCHAR) AS merged_into, 2 AS place
    FROM seen
    SEMI JOIN intake_winner ON seen.record_key = intake_winner.record_key AND seen.row_hash = intake_winner.row_hash
    WHERE seen.deleted
    UNION ALL
    SELECT state.record_key, run.absent AS op, CAST(NULL AS VARCHAR) AS merged_into, 3 AS place
    FROM state
    CROSS JOIN run
    ANTI JOIN delivered ON state.record_key = delivered.record_key
    WHERE run.absent IS NOT NULL AND state.op IN ('upsert', 'gone')
),

first_word AS (
    SELECT record_key, op, merged_into
    FROM ended
    QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY place, merged_into) = 1
)

SELECT first_word.record_key, first_word.op, first_word.merged_into, state.op AS op_before, state.merged_into AS merged_before
FROM first_word
LEFT JOIN state ON first_word.record_key = state.record_key
