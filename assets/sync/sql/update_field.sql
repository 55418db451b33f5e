-- One row per field that a bulk update changes in HubSpot, in the shape of `changed_field` (P1-61, P1-62). Grain: object, pair_id, field.
WITH asked AS (
    SELECT object, pair_id, update_no, 'lifecyclestage' AS field, before, wanted AS after
    FROM update_stage
    WHERE code IS NULL AND NOT is_same
    UNION ALL
    SELECT object, pair_id, update_no, property AS field, before, after
    FROM update_value
    WHERE code IS NULL
)

SELECT
    asked.object,
    asked.pair_id,
    'to_hubspot' AS action,
    FALSE AS is_create,
    standing.salesforce_object,
    asked.field,
    asked.before,
    asked.after,
    'lifecycle_update' AS rule,
    stage_update.rule || ' of ' || stage_update.path AS because
FROM asked
INNER JOIN stage_update ON asked.update_no = stage_update.update_no
INNER JOIN standing ON asked.object = standing.object AND asked.pair_id = standing.pair_id
