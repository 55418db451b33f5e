-- One row per live HubSpot record that is not linked or is routed by its stage: the Salesforce object it would be created as, and who
-- says so (P2-01, P2-03, P1-03 to P1-06).
-- The type of a record that is there already is never changed by it. Grain: object, pair_id.
WITH has_contact AS (
    SELECT DISTINCT sf.key
    FROM salesforce_record AS sf
    CROSS JOIN run
    WHERE run.has_stage_selection AND sf.salesforce_object = 'Contact' AND sf.key IS NOT NULL
),

-- A contact that was made after the lead and is not there any more: it has left for one already.
had_contact AS (
    SELECT DISTINCT sf.salesforce_id
    FROM staged__salesforce__contact AS contact
    INNER JOIN salesforce_record AS sf ON lower(trim(contact.Email)) = sf.key AND contact.CreatedDate > sf.created_at
    CROSS JOIN run
    WHERE run.has_stage_selection AND contact.op IN ('delete', 'gone') AND sf.salesforce_object = 'Lead'
),

-- Whose stage came among those of contacts since the night before: not who was there when they were chosen (X7).
moved AS (
    SELECT hs.object, hs.hubspot_id
    FROM hubspot_record AS hs
    INNER JOIN earlier_stage AS earlier ON hs.object = earlier.object AND hs.hubspot_id = earlier.hubspot_id
    CROSS JOIN run
    WHERE
        hs.object = 'person' AND hs.version_night > run.previous_night
        AND list_contains(run.contact_stages, hs.stage) AND NOT coalesce(list_contains(run.contact_stages, earlier.stage), FALSE)
),

routed AS (
    SELECT
        standing.object,
        standing.pair_id,
        CASE
            WHEN standing.object = 'company' THEN 'Account'
            WHEN NOT run.has_stage_selection THEN run.create_as
            WHEN list_contains(run.lead_stages, standing.stage) THEN 'Lead'
            WHEN list_contains(run.contact_stages, standing.stage) THEN 'Contact'
        END AS salesforce_object,
        CASE WHEN standing.object = 'person' AND run.has_stage_selection THEN 'stage' ELSE 'setting' END AS routed_by,
        -- X11: what stage routing created as a lead, or asked for, leaves for a contact when its stage does; the lead stays.
        coalesce(
            standing.object = 'person' AND standing.created_by = 'stage' AND run.has_stage_selection
            AND (moved.hubspot_id IS NOT NULL OR list_contains(standing.past_triggers, 'stage_moved'))
            AND list_contains(run.contact_stages, standing.stage) AND has_contact.key IS NULL AND had_contact.salesforce_id IS NULL
            AND NOT (standing.is_linked AND standing.salesforce_object <> 'Lead'),
            FALSE
        ) AS is_leaving,
        standing.is_linked
    FROM standing
    CROSS JOIN run
    LEFT JOIN moved ON standing.object = moved.object AND standing.hubspot_id = moved.hubspot_id
    -- Where the contact is there already and only the link went back to the lead, no second one is made (P2-23, P2-25).
    LEFT JOIN has_contact ON standing.object = 'person' AND standing.hubspot_key = has_contact.key
    LEFT JOIN had_contact ON standing.salesforce_id = had_contact.salesforce_id
    -- Of a linked record only a selection by stage has anything to say.
    WHERE standing.hubspot_live AND (NOT standing.is_linked OR (run.has_stage_selection AND standing.object = 'person'))
)

SELECT
    object,
    pair_id,
    salesforce_object,
    routed_by,
    is_leaving,
    is_leaving AND is_linked AS is_rerouted
FROM routed
