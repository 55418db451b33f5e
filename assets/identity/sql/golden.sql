-- Golden records of the entities that are made anew: every field's best value, from where each is, and what else is said. Grain: an
-- entity.
WITH member AS (
    SELECT entity_id, list_sort(list(record)) AS records
    FROM stale_member
    GROUP BY entity_id
),

source AS (
    SELECT entity_id, list({ 'field': field, 'value': value, 'record': record, 'policy': policy } ORDER BY field) AS sources
    FROM best_value
    GROUP BY entity_id
),

other AS (
    SELECT
        entity_id,
        list({ 'field': field, 'value': told.value, 'record': told.record, 'policy': policy } ORDER BY field, told.record) AS conflicts
    FROM conflict
    GROUP BY entity_id
)

SELECT
    member.*,
    best_wide.* EXCLUDE (entity_id),
    coalesce(source.sources, []) AS sources,
    coalesce(other.conflicts, []) AS conflicts
FROM member
LEFT JOIN best_wide ON member.entity_id = best_wide.entity_id
LEFT JOIN source ON member.entity_id = source.entity_id
LEFT JOIN other ON member.entity_id = other.entity_id
