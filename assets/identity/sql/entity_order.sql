-- Entities in the order of their ids. Grain: an entity.
SELECT DISTINCT entity_id
FROM entity_now
ORDER BY entity_id
