-- Raw fields of the records of entities that are made anew. Grain: a record.
SELECT field.* EXCLUDE (night)
FROM field
SEMI JOIN stale_member ON field.record = stale_member.record
