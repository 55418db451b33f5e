-- Records of which any field or time is not what it was the night before, new ones too; `compared`: a field that is compared.
-- Grain: a record.
SELECT
    field_hash.record,
    (field_hash.compared_hash IS DISTINCT FROM known_hash.compared_hash) AS compared
FROM field_hash
LEFT JOIN known_hash ON field_hash.record = known_hash.record
WHERE field_hash.row_hash IS DISTINCT FROM known_hash.row_hash
