-- Records of the entities that are made anew. Grain: a record.
SELECT entity_now.record, entity_now.entity_id, entity_now.size
FROM entity_now
SEMI JOIN stale_entity ON entity_now.entity_id = stale_entity.entity_id
