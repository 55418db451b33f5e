-- One row per pair with triggers that are open tonight: those of the ledger whose cause still stands, those that open, and a mapped
-- change of a linked pair. `frozen` pairs are outside the segment and have had their one auto-create (P1-45).
-- Grain: object, pair_id.
WITH changed AS (
    SELECT notable_field.object, notable_field.pair_id, 'mapped_change' AS trigger
    FROM notable_field
    INNER JOIN standing ON notable_field.object = standing.object AND notable_field.pair_id = standing.pair_id
    CROSS JOIN run
    WHERE
        standing.is_linked AND standing.in_segment AND notable_field.is_trigger AND notable_field.may_trigger
        AND (notable_field.hubspot_changed OR notable_field.salesforce_changed)
    GROUP BY notable_field.object, notable_field.pair_id
),

-- Seen applied: every value that was given is what the target has now, even if the source has moved on.
applied AS (
    SELECT object, pair_id
    FROM notable_field
    WHERE past_given_to IS NOT NULL AND hubspot_live AND salesforce_live
    GROUP BY object, pair_id
    HAVING bool_and(past_given IS NOT DISTINCT FROM CASE past_given_to WHEN 'hubspot' THEN hubspot_norm ELSE salesforce_norm END)
),

frozen AS (
    SELECT standing.object, standing.pair_id
    FROM standing
    INNER JOIN applied ON standing.object = applied.object AND standing.pair_id = applied.pair_id
    WHERE standing.in_segment = FALSE AND list_contains(standing.past_triggers, 'auto_create')
),

kept AS (
    SELECT standing.object, standing.pair_id, unnest(standing.past_triggers) AS trigger
    FROM standing
    WHERE len(standing.past_triggers) > 0
),

every_trigger AS (
    SELECT kept.object, kept.pair_id, kept.trigger
    FROM kept
    INNER JOIN standing ON kept.object = standing.object AND kept.pair_id = standing.pair_id
    LEFT JOIN frozen ON kept.object = frozen.object AND kept.pair_id = frozen.pair_id
    WHERE
        kept.trigger <> 'stage_moved' AND NOT (kept.trigger = 'deletion' AND standing.missing IS DISTINCT FROM 'delete')
        AND NOT (kept.trigger = 'auto_create' AND (frozen.pair_id IS NOT NULL OR NOT standing.salesforce_live))
    UNION
    SELECT object, pair_id, trigger
    FROM opened
    UNION
    SELECT object, pair_id, trigger
    FROM changed
    UNION
    SELECT object, pair_id, 'stage_moved' AS trigger
    FROM route
    WHERE is_leaving
)

SELECT
    every_trigger.object,
    every_trigger.pair_id,
    list_sort(list(DISTINCT every_trigger.trigger)) AS triggers,
    bool_or(every_trigger.trigger = 'auto_create') AS has_auto_create,
    bool_or(every_trigger.trigger = 'deletion') AS has_deletion,
    -- A company's stage and its contacts' move each other inside HubSpot, and so does a colleague's a contact that Salesforce does not
    -- have; neither is a reason to sync with Salesforce.
    bool_or(every_trigger.trigger NOT IN ('company_stage', 'contact_stage') AND (every_trigger.trigger <> 'lifecycle' OR standing.salesforce_live)) AS has_sync_trigger,
    -- What opens on the night on which all that was open is undone begins tonight.
    CASE
        WHEN bool_or(list_contains(standing.past_triggers, every_trigger.trigger)) THEN any_value(standing.past_since)
        ELSE any_value(run.night)
    END AS since
FROM every_trigger
INNER JOIN standing ON every_trigger.object = standing.object AND every_trigger.pair_id = standing.pair_id
CROSS JOIN run
GROUP BY every_trigger.object, every_trigger.pair_id
