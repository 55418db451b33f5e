-- Records that had an entity the night before and have none tonight. Grain: a record.
SELECT before.entity, before.record
FROM known_cluster AS before
ANTI JOIN entity_now ON before.record = entity_now.record
