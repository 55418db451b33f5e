-- One row per field of an operation of tonight: what the sync changes, and over it what bulk updates ask for. HubSpot ignores a stage that
-- steps back, so it is cleared and then set (P1-62, P2-62). Grain: object, pair_id, action, field, after.
WITH wanted AS (
    SELECT
        changed.object,
        changed.pair_id,
        changed.action,
        changed.is_create,
        changed.salesforce_object,
        changed.field,
        changed.before,
        changed.after,
        changed.rule,
        changed.because
    FROM changed_field AS changed
    ANTI JOIN update_field
        ON
            changed.object = update_field.object AND changed.pair_id = update_field.pair_id
            AND changed.action = 'to_hubspot' AND changed.field = update_field.field
    UNION ALL
    SELECT object, pair_id, action, is_create, salesforce_object, field, before, after, rule, because
    FROM update_field
),

placed AS (
    SELECT wanted.*, NOT wanted.is_create AND coalesce(present.position > next.position, FALSE) AS is_backward
    FROM wanted
    LEFT JOIN stage_order AS present
        ON wanted.action = 'to_hubspot' AND wanted.field = 'lifecyclestage' AND wanted.object = present.object AND wanted.before = present.stage
    LEFT JOIN stage_order AS next
        ON wanted.action = 'to_hubspot' AND wanted.field = 'lifecyclestage' AND wanted.object = next.object AND wanted.after = next.stage
),

stepped AS (
    SELECT *, unnest(CASE WHEN is_backward THEN ['clear', 'set'] ELSE ['set'] END) AS step
    FROM placed
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
FROM stepped
