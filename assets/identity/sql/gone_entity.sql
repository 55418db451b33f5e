-- Entities of the night before that are there no more. Grain: entity_id.
SELECT DISTINCT before.entity_id
FROM known_cluster AS before
ANTI JOIN entity_now ON before.entity_id = entity_now.entity_id
