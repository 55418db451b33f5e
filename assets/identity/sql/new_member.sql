-- Live records that the night before left in another entity, or in one of another size, or in none. Grain: a record.
SELECT entity_now.*
FROM entity_now
ANTI JOIN known_cluster AS before
    ON
        entity_now.record = before.record
        AND entity_now.entity_id = before.entity_id
        AND entity_now.size = before.size
        AND entity_now.since = before.since
