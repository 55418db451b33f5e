-- Records of which any field or time is not what it was the night before, new ones too; `compared`: a field that is compared.
-- Grain: a record.
SELECT
    field_hash.record,
    (field_hash.compared_hash IS DISTINCT FROM known_key.compared_hash) AS compared
FROM field_hash
LEFT JOIN known_key ON field_hash.record = known_key.record
WHERE field_hash.row_hash IS DISTINCT FROM known_key.row_hash
