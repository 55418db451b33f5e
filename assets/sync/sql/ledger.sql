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
    UNION
    -- So is a stage that is held back.
    SELECT object, pair_id
    FROM stage_move
    WHERE is_held
    UNION
    -- What was given waits while its column is not delivered.
    SELECT past_field.object, past_field.pair_id
    FROM past_field
    INNER JOIN standing
        ON past_field.object = standing.object AND past_field.pair_id = standing.pair_id AND past_field.salesforce_id = standing.salesforce_id
    SEMI JOIN untold_mapping AS untold
        ON past_field.object = untold.object AND standing.salesforce_object = untold.salesforce_object AND past_field.mapping = untold.mapping
    WHERE past_field.given_to IS NOT NULL
),

-- What is blocked tonight waits, unless the pair is being decided in the other direction. A stage that moves inside HubSpot decides
-- nothing of the rest (P2-54, P2-66).
waiting AS (
    SELECT object, pair_id, bool_or(coalesce(is_open, FALSE)) AS has_stage
    FROM verdict
    WHERE has_trigger
    GROUP BY object, pair_id
    HAVING
        NOT bool_or(coalesce(is_open, FALSE) AND NOT is_stage_only)
        AND bool_or(
            waits_for_maker
            OR block IN (
                'not_in_segment', 'no_email', 'held_back', 'company_sync_off', 'stage_not_selected', 'gone_from_salesforce',
                'deleted_in_salesforce', 'deleted_in_hubspot', 'email_in_use', 'auto_create_off', 'outside_filter', 'linked_elsewhere',
                'no_associated_contact', 'only_leads', 'no_qualifying_contact'
            )
        )
),

-- Who creates a record tonight, and who said as what.
creating AS (
    SELECT outcome.object, outcome.pair_id, outcome.direction, route.routed_by
    FROM outcome
    LEFT JOIN route ON outcome.object = route.object AND outcome.pair_id = route.pair_id
    WHERE outcome.outcome = 'create'
),

-- The address of the record that is asked for, of a company or an account its name.
asked AS (
    SELECT proposal.object, proposal.pair_id, proposal.given
    FROM proposal
    INNER JOIN creating
        ON proposal.object = creating.object AND proposal.pair_id = creating.pair_id AND proposal.action = creating.direction
    WHERE
        (proposal.compare = 'email' OR (proposal.object = 'company' AND lower(proposal.field_name) = 'name'))
        AND proposal.drop_warning IS NULL AND proposal.is_create AND NOT proposal.is_reroute
),

-- What only a pair with a trigger has: these are few, and `tonight` looks once for what it has of them.
stirred AS (
    SELECT
        pair_trigger.object,
        pair_trigger.pair_id,
        pending.pair_id IS NOT NULL AS is_pending,
        waiting.pair_id IS NOT NULL AS is_waiting,
        CASE
            WHEN pending.pair_id IS NOT NULL OR NOT waiting.has_stage THEN pair_trigger.triggers
            -- A stage that needs nothing more is done with; what waits beside it is not.
            WHEN waiting.has_stage THEN list_filter(pair_trigger.triggers, lambda x: x NOT IN ('company_stage', 'contact_stage', 'lifecycle'))
            ELSE CAST([] AS VARCHAR[])
        END AS triggers,
        pair_trigger.since,
        creating.direction,
        creating.routed_by,
        stage_move.after AS stage,
        asked.given AS email
    FROM pair_trigger
    LEFT JOIN pending ON pair_trigger.object = pending.object AND pair_trigger.pair_id = pending.pair_id
    LEFT JOIN waiting ON pair_trigger.object = waiting.object AND pair_trigger.pair_id = waiting.pair_id
    LEFT JOIN creating ON pair_trigger.object = creating.object AND pair_trigger.pair_id = creating.pair_id
    LEFT JOIN stage_move
        ON
            pair_trigger.object = stage_move.object AND pair_trigger.pair_id = stage_move.pair_id
            AND stage_move.because = 'P2-68'
    LEFT JOIN asked ON pair_trigger.object = asked.object AND pair_trigger.pair_id = asked.pair_id
),

-- Another record of its e-mail makes the contact of these.
other_makes AS (
    SELECT object, pair_id
    FROM verdict
    WHERE waits_for_maker
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
        CASE
            WHEN left(standing.linked_id, 3) = '00Q' THEN 'Lead'
            WHEN left(standing.linked_id, 3) = '003' THEN 'Contact'
            WHEN standing.linked_id IS NOT NULL THEN standing.salesforce_object
        END AS salesforce_object,
        standing.linked_id AS salesforce_id,
        standing.segment_id,
        standing.in_segment,
        standing.outside_filter,
        CASE
            -- The contact will belong to the record that makes it.
            WHEN other_makes.pair_id IS NOT NULL THEN NULL
            -- A lead that took the place of the one which its stage made was made by somebody else.
            WHEN
                stirred.direction IS NULL AND standing.created_by = 'stage' AND standing.salesforce_object = 'Lead'
                AND standing.salesforce_live AND standing.past_salesforce_id <> standing.salesforce_id
                THEN NULL
            WHEN stirred.direction IS NULL THEN standing.created_by
            WHEN
                stirred.direction = 'to_hubspot'
                AND ((run.is_import AND standing.is_new_salesforce) OR standing.created_by IS NOT DISTINCT FROM 'import')
                THEN 'import'
            WHEN stirred.direction = 'to_hubspot' THEN 'auto_create'
            ELSE stirred.routed_by
        END AS created_by,
        standing.hubspot_hash,
        standing.salesforce_hash,
        coalesce(stirred.triggers, CAST([] AS VARCHAR[])) AS triggers,
        CASE WHEN len(stirred.triggers) > 0 THEN stirred.since END AS since,
        CASE
            WHEN (standing.hubspot_id IS NOT NULL AND NOT standing.hubspot_live) OR standing.missing IS NOT NULL OR standing.has_lost_record
                THEN coalesce(standing.past_gone_since, run.night)
        END AS gone_since,
        CASE
            WHEN stirred.is_waiting THEN nullif(standing.past_given_stage, standing.stage)
            WHEN stirred.is_pending THEN stirred.stage
        END AS given_stage,
        -- What was asked for stays so while it waits, or is refused, unless another record makes it now.
        CASE
            WHEN other_makes.pair_id IS NULL AND NOT standing.is_linked AND (stirred.is_pending OR stirred.is_waiting) THEN coalesce(stirred.email, standing.past_given_email)
        END AS given_email,
        standing.is_known,
        standing.past_hubspot_id,
        standing.past_salesforce_id,
        standing.past_segment_id,
        standing.past_in_segment,
        standing.past_outside_filter,
        standing.created_by AS past_created_by,
        standing.is_hubspot_moved,
        standing.is_salesforce_moved,
        standing.past_triggers,
        standing.past_since,
        standing.past_gone_since,
        standing.past_given_stage,
        standing.past_given_email
    FROM (
        -- The record that a pair syncs with or did, whatever became of it: one that only a stored id names is none of it.
        SELECT *, CASE WHEN salesforce_live THEN salesforce_id ELSE past_salesforce_id END AS linked_id
        FROM standing
    ) AS standing
    CROSS JOIN run
    LEFT JOIN stirred ON standing.object = stirred.object AND standing.pair_id = stirred.pair_id
    LEFT JOIN other_makes ON standing.object = other_makes.object AND standing.pair_id = other_makes.pair_id
),

-- What was asked for a pair that vanished stands if it comes back, but for a deletion: it was that.
gone AS (
    SELECT
        vanished.*,
        CASE WHEN sf.salesforce_id IS NULL THEN list_filter(vanished.triggers, lambda x: x <> 'deletion') ELSE CAST([] AS VARCHAR[]) END AS kept
    FROM vanished
    LEFT JOIN salesforce_record AS sf ON vanished.present_salesforce_id = sf.salesforce_id
)

SELECT
    object,
    pair_id,
    alias,
    hubspot_id,
    salesforce_object,
    salesforce_id,
    segment_id,
    in_segment,
    outside_filter,
    created_by,
    hubspot_hash,
    salesforce_hash,
    triggers,
    since,
    gone_since,
    given_stage,
    given_email
FROM tonight
WHERE
    NOT is_known
    OR hubspot_id IS DISTINCT FROM past_hubspot_id
    OR salesforce_id IS DISTINCT FROM past_salesforce_id
    OR segment_id IS DISTINCT FROM past_segment_id
    OR in_segment IS DISTINCT FROM past_in_segment
    OR outside_filter IS DISTINCT FROM past_outside_filter
    OR created_by IS DISTINCT FROM past_created_by
    OR is_hubspot_moved
    OR is_salesforce_moved
    OR triggers IS DISTINCT FROM past_triggers
    OR since IS DISTINCT FROM past_since
    OR gone_since IS DISTINCT FROM past_gone_since
    OR given_stage IS DISTINCT FROM past_given_stage
    OR given_email IS DISTINCT FROM past_given_email
UNION ALL
SELECT
    gone.object,
    gone.pair_id,
    gone.alias,
    gone.hubspot_id,
    gone.salesforce_object,
    gone.salesforce_id,
    gone.segment_id,
    gone.in_segment,
    gone.outside_filter,
    gone.created_by,
    gone.hubspot_hash,
    gone.salesforce_hash,
    gone.kept AS triggers,
    CASE WHEN len(gone.kept) > 0 THEN gone.since END AS since,
    coalesce(gone.gone_since, run.night) AS gone_since,
    gone.given_stage,
    gone.given_email
FROM gone
CROSS JOIN run
WHERE gone.gone_since IS NULL OR gone.kept IS DISTINCT FROM gone.triggers
