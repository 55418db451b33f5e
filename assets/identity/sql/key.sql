-- Tonight's keys: of changed records as normalised tonight, of all others as the night before left them. Grain: a record.
SELECT *
FROM fresh_key
UNION ALL BY NAME
SELECT known_key.* EXCLUDE (compared_hash, row_hash)
FROM known_key
ANTI JOIN changed ON known_key.record = changed.record
