-- The entity of every live record: named tonight, or as the night before where nothing touched it. Grain: a record.
SELECT level.entity, named.entity_id, named.record, named.size, named.since
FROM named
CROSS JOIN level
UNION ALL
SELECT known_cluster.entity, known_cluster.entity_id, known_cluster.record, known_cluster.size, known_cluster.since
FROM known_cluster
INNER JOIN base ON known_cluster.record = base.record
ANTI JOIN touched ON base.r = touched.r
