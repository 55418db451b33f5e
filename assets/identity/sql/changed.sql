-- Records that must be compared anew: new ones, those with another compared field, and those that are gone. Grain: a record.
SELECT
    coalesce(field_hash.record, known_key.record) AS record,
    field_hash.record IS NULL AS gone
FROM field_hash
FULL OUTER JOIN known_key ON field_hash.record = known_key.record
WHERE field_hash.compared_hash IS DISTINCT FROM known_key.compared_hash
