-- The records of entities that are made anew, with what their values are ranked by. Grain: a record.
SELECT
    field.*,
    member.entity_id,
    member.size = 1 AS is_alone,
    record_source.source,
    base.email IS NOT NULL AS has_email
FROM stale_field AS field
INNER JOIN stale_member AS member ON field.record = member.record
INNER JOIN base ON field.record = base.record
LEFT JOIN record_source ON regexp_replace(field.record, '/[^/]*$', '') = record_source.place
