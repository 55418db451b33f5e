-- One row per record that was ever staged, as of the end of tonight: the `state` of the night after. Grain: record_key.
WITH moved AS (
    SELECT intake_upsert.record_key, intake_upsert.row_hash, 'upsert' AS op, CAST(NULL AS VARCHAR) AS merged_into
    FROM intake_upsert
    UNION ALL
    SELECT
        intake_ending.record_key,
        coalesce(intake_winner.row_hash, state.row_hash) AS row_hash,
        intake_ending.op,
        intake_ending.merged_into
    FROM intake_ending
    LEFT JOIN intake_winner ON intake_ending.record_key = intake_winner.record_key
    LEFT JOIN state ON intake_ending.record_key = state.record_key
    WHERE
        intake_ending.op IS DISTINCT FROM intake_ending.op_before
        OR intake_ending.merged_into IS DISTINCT FROM intake_ending.merged_before
)

SELECT moved.record_key, moved.row_hash, moved.op, moved.merged_into, run.night
FROM moved
CROSS JOIN run
UNION ALL
SELECT state.record_key, state.row_hash, state.op, state.merged_into, state.night
FROM state
ANTI JOIN moved ON state.record_key = moved.record_key
