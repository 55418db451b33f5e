-- Entities that are made anew, in the order of their ids. Grain: an entity.
SELECT entity_id
FROM stale_entity
ORDER BY entity_id
