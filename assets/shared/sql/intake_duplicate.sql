-- One row per delivered row that lost its id to another row (copies of one row count once). Grain: source_file, source_line.
WITH other AS (
    SELECT seen.record_key, seen.row_hash, seen.source_file, seen.source_line
    FROM seen
    ANTI JOIN intake_winner ON seen.record_key = intake_winner.record_key AND seen.row_hash = intake_winner.row_hash
)

SELECT record_key, source_file, source_line
FROM other
QUALIFY row_number() OVER (PARTITION BY record_key, row_hash ORDER BY source_file, source_line) = 1
