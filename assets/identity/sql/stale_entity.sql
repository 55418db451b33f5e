-- Entities whose golden record and merges are made anew: a record was clustered anew, changed in any way, or began or ceased to
-- sync with the other CRM. Grain: entity_id.
WITH stale AS (
    SELECT base.record
    FROM base
    SEMI JOIN touched ON base.r = touched.r
    UNION
    SELECT record FROM moved_key
    UNION
    SELECT record FROM relinked
)

SELECT DISTINCT entity_now.entity_id
FROM entity_now
SEMI JOIN stale ON entity_now.record = stale.record
