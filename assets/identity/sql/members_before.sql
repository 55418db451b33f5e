-- Entities that the records clustered tonight belonged to the night before. Grain: a record.
SELECT known_cluster.record, known_cluster.entity_id, known_cluster.since
FROM known_cluster
INNER JOIN base ON known_cluster.record = base.record
SEMI JOIN touched ON base.r = touched.r
