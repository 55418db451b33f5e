-- One row per candidate and direction with what happens to it and why; rows that are unchanged without a reason are counted and
-- not stored. Grain: object, pair_id, direction.
WITH moved AS (
    SELECT object, pair_id, action AS direction, count(*) AS fields
    FROM changed_field
    GROUP BY object, pair_id, action
),

warned AS (
    SELECT object, pair_id, action AS direction, drop_warning || ': ' || field_name AS warning
    FROM proposal
    WHERE drop_warning IS NOT NULL
    UNION
    SELECT
        field.object,
        field.pair_id,
        CASE field.past_given_to WHEN 'hubspot' THEN 'to_hubspot' ELSE 'to_salesforce' END AS direction,
        'value_rewritten_by_crm: ' || split_part(field.mapping, ':', CASE field.past_given_to WHEN 'hubspot' THEN 1 ELSE 2 END) AS warning
    FROM notable_field AS field
    LEFT JOIN stage_order AS seen ON field.is_stage AND field.object = seen.object AND field.seen_hubspot = seen.stage
    LEFT JOIN stage_order AS given ON field.is_stage AND field.object = given.object AND field.past_given = given.stage
    WHERE
        field.past_given_to IS NOT NULL AND field.hubspot_live AND field.salesforce_live
        -- A stage that was to step back and is blank has had our own clear, the first of its two steps (P2-62).
        AND NOT (field.past_given_to = 'hubspot' AND field.hubspot_norm IS NULL AND coalesce(seen.position > given.position, FALSE))
        AND CASE field.past_given_to WHEN 'hubspot' THEN field.hubspot_norm ELSE field.salesforce_norm END IS DISTINCT FROM field.past_given
        AND CASE field.past_given_to WHEN 'hubspot' THEN field.hubspot_norm ELSE field.salesforce_norm END
        IS DISTINCT FROM CASE field.past_given_to WHEN 'hubspot' THEN field.seen_hubspot ELSE field.seen_salesforce END
    UNION
    -- An operation that the files cannot carry is told of where it is decided (P2-B1).
    SELECT object, pair_id, action AS direction, 'literal_null_marker: ' || field AS warning
    FROM changed_field
    WHERE action = 'to_salesforce' AND after = '#N/A'
    UNION
    SELECT object, pair_id, 'to_hubspot' AS direction, 'held_back: lifecyclestage' AS warning
    FROM stage_move
    WHERE is_held
    UNION
    SELECT route.object, route.pair_id, 'to_salesforce' AS direction, 'type_mismatch' AS warning
    FROM route
    INNER JOIN standing ON route.object = standing.object AND route.pair_id = standing.pair_id
    INNER JOIN moved ON route.object = moved.object AND route.pair_id = moved.pair_id AND moved.direction = 'to_salesforce'
    WHERE
        standing.is_linked AND route.routed_by = 'stage' AND NOT route.is_rerouted
        AND route.salesforce_object IS NOT NULL AND route.salesforce_object <> standing.salesforce_object
    UNION
    SELECT object, pair_id, 'to_salesforce' AS direction, 'superseded' AS warning
    FROM route
    WHERE is_rerouted
    UNION
    SELECT object, pair_id, direction, 'blank_outside_segment' AS warning
    FROM verdict
    WHERE is_import_only AND is_open
),

warnings AS (
    SELECT object, pair_id, direction, list_sort(list(DISTINCT warning)) AS warnings
    FROM warned
    GROUP BY object, pair_id, direction
),

refused AS (
    SELECT object, pair_id, direction, list_sort(list(DISTINCT reason)) AS reasons
    FROM crm_answer
    GROUP BY object, pair_id, direction
),

-- Where no trigger is open nothing moves: what blocks a pair is all that there is to say.
quiet AS (
    SELECT
        object,
        pair_id,
        direction,
        is_create,
        block,
        CASE WHEN block = 'email_in_use' THEN 'reject' WHEN block IS NOT NULL THEN 'skip' ELSE 'unchanged' END AS outcome,
        CASE WHEN block IS NOT NULL THEN [block] WHEN is_create THEN ['no_trigger'] ELSE CAST([] AS VARCHAR[]) END AS reasons,
        CAST(NULL AS VARCHAR) AS since
    FROM verdict
    WHERE NOT has_trigger
),

lively AS (
    SELECT
        verdict.object,
        verdict.pair_id,
        verdict.direction,
        verdict.is_create,
        verdict.block,
        CASE
            WHEN verdict.block = 'email_in_use' THEN 'reject'
            WHEN verdict.block IS NOT NULL THEN 'skip'
            WHEN problem.pair_id IS NOT NULL THEN 'reject'
            WHEN moved.fields > 0 AND (verdict.is_create OR (verdict.direction = 'to_salesforce' AND coalesce(route.is_rerouted, FALSE))) THEN 'create'
            WHEN moved.fields > 0 THEN 'update'
            ELSE 'unchanged'
        END AS outcome,
        CASE
            WHEN verdict.block IS NOT NULL THEN [verdict.block]
            WHEN problem.pair_id IS NOT NULL THEN problem.reasons
            WHEN moved.fields > 0 THEN list_concat(pair_trigger.triggers, coalesce(refused.reasons, CAST([] AS VARCHAR[])))
            WHEN verdict.is_create AND NOT verdict.is_open THEN ['no_trigger']
            ELSE CAST([] AS VARCHAR[])
        END AS reasons,
        CASE
            WHEN coalesce(moved.fields, 0) > 0 OR problem.pair_id IS NOT NULL OR verdict.block IS NOT NULL OR len(standing.past_triggers) > 0
                THEN pair_trigger.since
        END AS since
    FROM verdict
    INNER JOIN pair_trigger ON verdict.object = pair_trigger.object AND verdict.pair_id = pair_trigger.pair_id
    INNER JOIN standing ON verdict.object = standing.object AND verdict.pair_id = standing.pair_id
    LEFT JOIN route ON verdict.object = route.object AND verdict.pair_id = route.pair_id
    LEFT JOIN problem ON verdict.object = problem.object AND verdict.pair_id = problem.pair_id AND verdict.direction = problem.direction
    LEFT JOIN moved ON verdict.object = moved.object AND verdict.pair_id = moved.pair_id AND verdict.direction = moved.direction
    LEFT JOIN refused ON verdict.object = refused.object AND verdict.pair_id = refused.pair_id AND verdict.direction = refused.direction
    WHERE verdict.has_trigger
)

SELECT told.*, coalesce(warnings.warnings, CAST([] AS VARCHAR[])) AS warnings
FROM (
    SELECT * FROM quiet
    UNION ALL
    SELECT * FROM lively
) AS told
LEFT JOIN warnings ON told.object = warnings.object AND told.pair_id = warnings.pair_id AND told.direction = warnings.direction
