-- Entities whose rows of the night before do not stand: they are made anew, or none of their records is theirs any more.
-- Grain: entity_id.
WITH away AS (
    SELECT base.record
    FROM base
    SEMI JOIN touched ON base.r = touched.r
    UNION ALL
    SELECT record FROM gone_key
)

SELECT entity_id FROM stale_entity
UNION
SELECT known_cluster.entity_id
FROM known_cluster
SEMI JOIN away ON known_cluster.record = away.record
