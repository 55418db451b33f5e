-- One row per field that a bulk update changes in HubSpot, in the shape of `changed_field`; a stage that steps back is a clear and then a
-- set (P1-62). Grain: object, pair_id, field, after.
WITH stage AS (
    SELECT update_stage.*
    FROM update_stage
    WHERE update_stage.code IS NULL AND NOT update_stage.is_same
),

moved AS (
    SELECT object, pair_id, update_no, 'lifecyclestage' AS field, before, CAST(NULL AS VARCHAR) AS after
    FROM stage
    WHERE is_backward AND before IS NOT NULL
    UNION ALL
    SELECT
        object,
        pair_id,
        update_no,
        'lifecyclestage' AS field,
        CASE WHEN NOT is_backward THEN before END AS before,
        wanted AS after
    FROM stage
    UNION ALL
    SELECT object, pair_id, update_no, property AS field, before, after
    FROM update_value
    WHERE code IS NULL
)

SELECT
    moved.object,
    moved.pair_id,
    'to_hubspot' AS action,
    FALSE AS is_create,
    standing.salesforce_object,
    moved.field,
    moved.before,
    moved.after,
    'lifecycle_update' AS rule,
    stage_update.rule || ' of ' || stage_update.path AS because
FROM moved
INNER JOIN stage_update ON moved.update_no = stage_update.update_no
INNER JOIN standing ON moved.object = standing.object AND moved.pair_id = standing.pair_id
