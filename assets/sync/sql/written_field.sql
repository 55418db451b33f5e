-- One row per field of an operation of tonight: what the sync changes, and over it what bulk updates ask for. HubSpot ignores a stage that
-- steps back, so it is cleared and then set (P2-62). Grain: object, pair_id, action, field, after.
WITH synced AS (
    SELECT
        changed.*,
        NOT changed.is_create AND coalesce(present.position > wanted.position, FALSE) AS is_backward
    FROM changed_field AS changed
    LEFT JOIN stage_order AS present
        ON changed.action = 'to_hubspot' AND changed.field = 'lifecyclestage' AND changed.object = present.object AND changed.before = present.stage
    LEFT JOIN stage_order AS wanted
        ON changed.action = 'to_hubspot' AND changed.field = 'lifecyclestage' AND changed.object = wanted.object AND changed.after = wanted.stage
    ANTI JOIN update_field
        ON
            changed.object = update_field.object AND changed.pair_id = update_field.pair_id
            AND changed.action = 'to_hubspot' AND changed.field = update_field.field
)

SELECT
    object,
    pair_id,
    action,
    is_create,
    salesforce_object,
    field,
    CASE WHEN step = 'clear' OR NOT is_backward THEN before END AS before,
    CASE WHEN step = 'set' THEN after END AS after,
    rule,
    because
FROM (SELECT *, unnest(CASE WHEN is_backward THEN ['clear', 'set'] ELSE ['set'] END) AS step FROM synced) AS stepped
UNION ALL
SELECT * FROM update_field
