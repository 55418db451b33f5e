-- Tonight's keys: of changed records as normalised tonight, of all others as the night before left them. Grain: a record.
SELECT fresh_key.*, field_hash.compared_hash, field_hash.row_hash
FROM fresh_key
INNER JOIN field_hash ON fresh_key.record = field_hash.record
UNION ALL BY NAME
SELECT known_key.* EXCLUDE (row_hash), field_hash.row_hash
FROM known_key
INNER JOIN field_hash ON known_key.record = field_hash.record AND known_key.compared_hash = field_hash.compared_hash
