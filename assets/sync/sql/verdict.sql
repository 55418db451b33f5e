-- One row per pair and direction that has a candidate: may it sync, and if not, the first rule that says no. `block` is a reason
-- code; a null block with `is_open` means that it is decided on all its mapped fields. Grain: object, pair_id, direction.
-- Only of people without a counterpart is asked who else has their address.
WITH alone AS (
    SELECT hubspot_key, salesforce_key
    FROM standing
    WHERE object = 'person' AND NOT is_linked
),

holder AS (
    SELECT taken_email.email, bool_or(taken_email.is_primary) AS is_primary
    FROM taken_email
    SEMI JOIN alone ON taken_email.email = alone.salesforce_key
    GROUP BY taken_email.email
),

salesforce_email AS (
    SELECT DISTINCT sf.key AS email
    FROM salesforce_record AS sf
    SEMI JOIN alone ON sf.key = alone.hubspot_key
    WHERE sf.object = 'person'
),

-- Of several Salesforce records with one e-mail that HubSpot does not have, one makes the contact: the oldest, then the lowest id (X1).
maker AS (
    SELECT standing.pair_id
    FROM standing
    INNER JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id
    INNER JOIN salesforce_record AS sf ON standing.salesforce_id = sf.salesforce_id
    WHERE
        standing.object = 'person' AND standing.salesforce_live AND NOT standing.hubspot_live AND standing.hubspot_id IS NULL
        AND pair_trigger.has_auto_create
        AND NOT standing.is_held_back AND standing.salesforce_key IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY standing.salesforce_key ORDER BY sf.created_at, standing.salesforce_id) = 1
),

making AS (
    SELECT standing.salesforce_key AS email
    FROM maker
    INNER JOIN standing ON maker.pair_id = standing.pair_id AND standing.object = 'person'
),

judged AS (
    SELECT
        standing.object,
        standing.pair_id,
        'to_salesforce' AS direction,
        CASE
            WHEN standing.is_held_back THEN 'held_back'
            WHEN standing.object = 'company' AND NOT run.company_sync THEN 'company_sync_off'
            WHEN standing.object = 'person' AND standing.hubspot_key IS NULL THEN 'no_email'
            -- An auto-create writes to HubSpot only (P1-44).
            WHEN NOT standing.in_segment AND (standing.object = 'person' OR standing.is_linked) THEN 'not_in_segment'
            WHEN standing.missing = 'delete' THEN 'deleted_in_salesforce'
            WHEN standing.missing = 'gone' THEN 'gone_from_salesforce'
            WHEN standing.is_linked THEN CASE WHEN standing.outside_filter THEN 'outside_filter' END
            WHEN standing.has_lost_record OR salesforce_email.email IS NOT NULL THEN 'linked_elsewhere'
            WHEN standing.object = 'company' AND associated.contacts = 0 THEN 'no_associated_contact'
            WHEN standing.object = 'company' AND associated.as_contacts = 0 THEN 'only_leads'
            WHEN standing.object = 'company' AND associated.qualifying = 0 THEN 'no_qualifying_contact'
            WHEN route.salesforce_object IS NULL THEN 'stage_not_selected'
            WHEN standing.outside_filter THEN 'outside_filter'
        END AS block,
        NOT standing.is_linked AS is_create,
        FALSE AS waits_for_maker,
        FALSE AS is_import_only,
        FALSE AS is_stage_only,
        pair_trigger.pair_id IS NOT NULL AS has_trigger,
        pair_trigger.has_sync_trigger,
        pair_trigger.has_auto_create
    FROM standing
    CROSS JOIN run
    LEFT JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id
    LEFT JOIN route ON standing.object = route.object AND standing.pair_id = route.pair_id
    LEFT JOIN associated ON standing.object = 'company' AND standing.hubspot_id = associated.hubspot_id
    LEFT JOIN salesforce_email ON standing.object = 'person' AND standing.hubspot_key = salesforce_email.email
    WHERE standing.hubspot_live
    UNION ALL
    SELECT
        standing.object,
        standing.pair_id,
        'to_hubspot' AS direction,
        CASE
            WHEN standing.is_held_back THEN 'held_back'
            WHEN standing.object = 'company' AND NOT run.company_sync THEN 'company_sync_off'
            WHEN standing.is_linked AND NOT standing.in_segment AND NOT coalesce(pair_trigger.has_auto_create, FALSE) THEN 'not_in_segment'
            WHEN standing.is_linked THEN NULL
            WHEN standing.object = 'person' AND standing.salesforce_key IS NULL THEN 'no_email'
            WHEN holder.is_primary THEN 'not_current_record'
            WHEN holder.email IS NOT NULL THEN 'email_in_use'
            WHEN standing.hubspot_id IS NOT NULL THEN 'deleted_in_hubspot'
            WHEN making.email IS NOT NULL AND maker.pair_id IS NULL THEN 'not_current_record'
            WHEN pair_trigger.has_auto_create THEN NULL
            -- What is new tonight is for the one setting to decide, what was there before for the other.
            WHEN NOT CASE WHEN standing.is_new_salesforce THEN standing.auto_create_new ELSE standing.auto_create_existing END THEN 'auto_create_off'
        END AS block,
        NOT standing.is_linked AS is_create,
        NOT standing.is_linked AND holder.email IS NULL AND making.email IS NOT NULL AND maker.pair_id IS NULL AS waits_for_maker,
        NOT standing.is_linked AND standing.object = 'person' AND run.segment_id IS NOT NULL
        AND (standing.created_by IS NOT DISTINCT FROM 'import' OR (run.is_import AND standing.is_new_salesforce)) AS is_import_only,
        FALSE AS is_stage_only,
        pair_trigger.pair_id IS NOT NULL AS has_trigger,
        pair_trigger.has_sync_trigger,
        pair_trigger.has_auto_create
    FROM standing
    CROSS JOIN run
    LEFT JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id
    LEFT JOIN holder ON standing.object = 'person' AND NOT standing.is_linked AND standing.salesforce_key = holder.email
    LEFT JOIN maker ON standing.object = 'person' AND standing.pair_id = maker.pair_id
    LEFT JOIN making ON standing.object = 'person' AND standing.salesforce_key = making.email
    WHERE standing.salesforce_live
    UNION ALL
    -- A record that is in HubSpot only, and whose stage follows its company, a contact of its own or a colleague.
    SELECT
        standing.object,
        standing.pair_id,
        'to_hubspot' AS direction,
        CASE WHEN standing.is_held_back THEN 'held_back' WHEN NOT standing.in_segment THEN 'not_in_segment' END AS block,
        FALSE AS is_create,
        FALSE AS waits_for_maker,
        FALSE AS is_import_only,
        TRUE AS is_stage_only,
        TRUE AS has_trigger,
        pair_trigger.has_sync_trigger,
        pair_trigger.has_auto_create
    FROM standing
    INNER JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id
    -- What is deleted tonight is not updated as well.
    ANTI JOIN deletion ON standing.object = deletion.object AND standing.pair_id = deletion.pair_id
    WHERE standing.hubspot_live AND NOT standing.salesforce_live AND list_has_any(pair_trigger.triggers, ['company_stage', 'contact_stage', 'lifecycle'])
),

-- Of several HubSpot contacts with one e-mail that Salesforce does not have, one asks for the record: the lowest id (P2-21, P2-25).
second AS (
    SELECT judged.pair_id
    FROM judged
    INNER JOIN standing ON judged.object = standing.object AND judged.pair_id = standing.pair_id
    WHERE judged.object = 'person' AND judged.direction = 'to_salesforce' AND judged.is_create AND judged.block IS NULL AND judged.has_sync_trigger
    QUALIFY row_number() OVER (PARTITION BY standing.hubspot_key ORDER BY length(standing.hubspot_id), standing.hubspot_id) > 1
),

told AS (
    SELECT
        judged.* EXCLUDE (block),
        CASE WHEN second.pair_id IS NOT NULL THEN 'email_in_use' ELSE judged.block END AS block
    FROM judged
    LEFT JOIN second ON judged.object = 'person' AND judged.direction = 'to_salesforce' AND judged.pair_id = second.pair_id
)

SELECT
    told.* EXCLUDE (has_sync_trigger, has_auto_create),
    told.block IS NULL AND told.has_trigger
    AND (told.has_sync_trigger OR told.direction = 'to_hubspot')
    AND (told.direction = 'to_salesforce' OR NOT told.is_create OR told.has_auto_create) AS is_open
FROM told
