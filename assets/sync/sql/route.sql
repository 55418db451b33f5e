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
)

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
    -- X11: what stage routing created as a lead leaves for a contact when its stage does; the lead stays.
    coalesce(
        standing.object = 'person' AND standing.is_linked AND standing.salesforce_object = 'Lead' AND standing.created_by = 'stage'
        AND run.has_stage_selection AND list_contains(run.contact_stages, standing.stage) AND has_contact.key IS NULL
        AND had_contact.salesforce_id IS NULL,
        FALSE
    ) AS is_rerouted
FROM standing
CROSS JOIN run
-- Where the contact is there already and only the link went back to the lead, no second one is made (P2-23, P2-25).
LEFT JOIN has_contact ON standing.object = 'person' AND standing.hubspot_key = has_contact.key
LEFT JOIN had_contact ON standing.salesforce_id = had_contact.salesforce_id
-- Of a linked record only a selection by stage has anything to say.
WHERE standing.hubspot_live AND (NOT standing.is_linked OR (run.has_stage_selection AND standing.object = 'person'))
