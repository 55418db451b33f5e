-- Entities whose golden record and merges are made anew: a record was clustered anew, changed in any way, or began or ceased to
-- sync with the other CRM. Grain: entity_id.
WITH
relinked AS (
    SELECT record
    FROM linked
    GROUP BY record
    HAVING count(*) = 1
),

stale AS (
    SELECT base.record
    FROM base
    SEMI JOIN touched ON base.r = touched.r
    UNION
    SELECT base.record
    FROM base
    LEFT JOIN known_key ON base.record = known_key.record
    WHERE base.row_hash IS DISTINCT FROM known_key.row_hash
    UNION
    SELECT record FROM relinked
)

SELECT DISTINCT entity_now.entity_id
FROM entity_now
SEMI JOIN stale ON entity_now.record = stale.record
