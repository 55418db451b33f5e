-- core/sync/ledger: one row per pair whose state differs from the night before (design section 6). A trigger stays open while an
-- operation or a rejection is pending, or while the pair waits outside the segment. Grain: object, pair_id.
WITH pending AS (
    SELECT object, pair_id
    FROM outcome
    WHERE outcome IN ('create', 'update', 'reject') AND block IS NULL
    UNION
    SELECT object, pair_id
    FROM deletion
    UNION
    -- A value that is left out is tried again, unless nobody could ever write it.
    SELECT object, pair_id
    FROM proposal
    WHERE drop_warning IS NOT NULL AND drop_warning NOT IN ('read_only_property', 'converted_status')
),

-- What is blocked tonight waits, unless the pair is being decided in the other direction.
waiting AS (
    SELECT object, pair_id
    FROM verdict
    GROUP BY object, pair_id
    HAVING
        NOT bool_or(coalesce(is_open, FALSE))
        AND bool_or(
            waits_for_maker
            OR block IN (
                'not_in_segment', 'no_email', 'held_back', 'company_sync_off', 'stage_not_selected', 'gone_from_salesforce',
                'deleted_in_salesforce', 'deleted_in_hubspot', 'email_in_use', 'auto_create_off', 'outside_filter', 'linked_elsewhere',
                'no_associated_contact', 'only_leads', 'no_qualifying_contact'
            )
        )
),

tonight AS (
    SELECT
        standing.object,
        standing.pair_id,
        CASE
            WHEN starts_with(standing.pair_id, 'hs:') THEN 'sf:' || standing.linked_id
            ELSE 'hs:' || standing.hubspot_id
        END AS alias,
        standing.hubspot_id,
        CASE WHEN standing.linked_id IS NOT NULL THEN standing.salesforce_object END AS salesforce_object,
        standing.linked_id AS salesforce_id,
        standing.segment_id,
        standing.in_segment,
        CASE
            -- Another record of its e-mail makes the contact now, and the contact will belong to that one.
            WHEN other_makes.pair_id IS NOT NULL THEN NULL
            WHEN creating.pair_id IS NULL THEN standing.created_by
            WHEN creating.direction = 'to_hubspot' AND (run.is_import OR standing.created_by IS NOT DISTINCT FROM 'import') THEN 'import'
            WHEN creating.direction = 'to_hubspot' THEN 'auto_create'
            ELSE route.routed_by
        END AS created_by,
        standing.hubspot_hash,
        standing.salesforce_hash,
        CASE
            WHEN pending.pair_id IS NOT NULL OR waiting.pair_id IS NOT NULL THEN coalesce(pair_trigger.triggers, CAST([] AS VARCHAR[]))
            ELSE CAST([] AS VARCHAR[])
        END AS triggers,
        CASE WHEN pending.pair_id IS NOT NULL OR waiting.pair_id IS NOT NULL THEN pair_trigger.since END AS since,
        CASE
            WHEN (standing.hubspot_id IS NOT NULL AND NOT standing.hubspot_live) OR standing.missing IS NOT NULL OR standing.has_lost_record
                THEN coalesce(standing.past_gone_since, run.night)
        END AS gone_since
    FROM (
        -- The record that a pair syncs with or did, whatever became of it: one that only a stored id names is none of it.
        SELECT *, CASE WHEN salesforce_live THEN salesforce_id ELSE past_salesforce_id END AS linked_id
        FROM standing
    ) AS standing
    CROSS JOIN run
    LEFT JOIN route ON standing.object = route.object AND standing.pair_id = route.pair_id
    LEFT JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id
    LEFT JOIN pending ON standing.object = pending.object AND standing.pair_id = pending.pair_id
    LEFT JOIN waiting ON standing.object = waiting.object AND standing.pair_id = waiting.pair_id
    LEFT JOIN outcome AS creating
        ON standing.object = creating.object AND standing.pair_id = creating.pair_id AND creating.outcome = 'create'
    LEFT JOIN verdict AS other_makes
        ON
            standing.object = other_makes.object AND standing.pair_id = other_makes.pair_id AND other_makes.direction = 'to_hubspot'
            AND other_makes.waits_for_maker
    UNION ALL
    -- Pairs of which neither side is there any more.
    SELECT
        past.object,
        past.pair_id,
        past.alias,
        past.hubspot_id,
        past.salesforce_object,
        past.salesforce_id,
        past.segment_id,
        past.in_segment,
        past.created_by,
        past.hubspot_hash,
        past.salesforce_hash,
        CAST([] AS VARCHAR[]) AS triggers,
        CAST(NULL AS VARCHAR) AS since,
        coalesce(past.gone_since, run.night) AS gone_since
    FROM past
    CROSS JOIN run
    ANTI JOIN standing ON past.object = standing.object AND past.pair_id = standing.pair_id
)

SELECT tonight.*
FROM tonight
LEFT JOIN past ON tonight.object = past.object AND tonight.pair_id = past.pair_id
WHERE
    past.pair_id IS NULL
    OR tonight.alias IS DISTINCT FROM past.alias
    OR tonight.hubspot_id IS DISTINCT FROM past.hubspot_id
    OR tonight.salesforce_id IS DISTINCT FROM past.salesforce_id
    OR tonight.segment_id IS DISTINCT FROM past.segment_id
    OR tonight.in_segment IS DISTINCT FROM past.in_segment
    OR tonight.created_by IS DISTINCT FROM past.created_by
    OR tonight.hubspot_hash IS DISTINCT FROM past.hubspot_hash
    OR tonight.salesforce_hash IS DISTINCT FROM past.salesforce_hash
    OR tonight.triggers IS DISTINCT FROM past.triggers
    OR tonight.since IS DISTINCT FROM past.since
    OR tonight.gone_since IS DISTINCT FROM past.gone_since
