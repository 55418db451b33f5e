-- Golden records of a slice of entities: every field's best value, from where each is, and what else is said. Grain: an entity.
WITH member AS (
    SELECT entity_id, list_sort(list(record)) AS records
    FROM member_slice
    GROUP BY entity_id
),

source AS (
    SELECT entity_id, list({ 'field': field, 'value': value, 'record': record, 'policy': policy } ORDER BY field) AS sources
    FROM value_slice
    GROUP BY entity_id
),

other AS (
    SELECT
        entity_id,
        list({ 'field': field, 'value': told.value, 'record': told.record, 'policy': policy } ORDER BY field, told.record) AS conflicts
    FROM conflict_slice
    GROUP BY entity_id
)

SELECT
    member.*,
    wide_slice.* EXCLUDE (entity_id),
    coalesce(source.sources, []) AS sources,
    coalesce(other.conflicts, []) AS conflicts
FROM member
LEFT JOIN wide_slice ON member.entity_id = wide_slice.entity_id
LEFT JOIN source ON member.entity_id = source.entity_id
LEFT JOIN other ON member.entity_id = other.entity_id
