-- What the night before lacks of its entities, because it was erased with somebody whose id named them: live records without an entity,
-- and entities without a golden record. Grain: one row a record or an entity.
SELECT known_hash.record AS name
FROM known_hash
ANTI JOIN known_cluster ON known_hash.record = known_cluster.record
WHERE known_hash.live
UNION ALL
SELECT known_cluster.entity_id AS name
FROM known_cluster
ANTI JOIN known_golden ON known_cluster.entity_id = known_golden.entity_id
