-- One row per pair and lifecycle stage that a rule wishes for its HubSpot record, whether or not it is behind it. `trigger` opens where
-- `is_event`: something happened since the night before. Grain: object, pair_id, stage, because.
WITH role AS (
    SELECT
        contact_role.ContactId AS salesforce_id,
        contact_role.OpportunityId AS opportunity_id,
        CASE WHEN opportunity.IsWon THEN 'customer' WHEN NOT coalesce(opportunity.IsClosed, FALSE) THEN 'opportunity' END AS stage
    FROM staged__salesforce__opportunity_contact_role AS contact_role
    INNER JOIN staged__salesforce__opportunity AS opportunity
        ON contact_role.OpportunityId = opportunity.Id AND opportunity.op = 'upsert'
    WHERE contact_role.op = 'upsert'
),

earlier_role AS (
    SELECT DISTINCT
        contact_role.ContactId AS salesforce_id,
        contact_role.OpportunityId AS opportunity_id,
        CASE WHEN opportunity.IsWon THEN 'customer' WHEN NOT coalesce(opportunity.IsClosed, FALSE) THEN 'opportunity' END AS stage
    FROM before__salesforce__opportunity_contact_role AS contact_role
    INNER JOIN before__salesforce__opportunity AS opportunity
        ON contact_role.OpportunityId = opportunity.Id AND opportunity.op = 'upsert'
    WHERE contact_role.op = 'upsert'
),

-- A role that is new, or whose opportunity is in another state: any other edit of either says nothing.
weighed_role AS (
    SELECT role.salesforce_id, role.stage, (earlier.stage IS DISTINCT FROM role.stage) AS is_event
    FROM role
    CROSS JOIN run
    LEFT JOIN earlier_role AS earlier ON role.salesforce_id = earlier.salesforce_id AND role.opportunity_id = earlier.opportunity_id
    WHERE run.lifecycle_transitions
),

-- P2-67: by the contact's own role on an opportunity that is open or won; a lost one changes nothing. What is not in HubSpot yet is not
-- triggered by it, but is made with its stage.
own_role AS (
    SELECT standing.pair_id, standing.is_linked, standing.hubspot_id, role.stage, bool_or(role.is_event) AS is_event
    FROM weighed_role AS role
    INNER JOIN standing
        ON standing.object = 'person' AND standing.salesforce_object = 'Contact' AND role.salesforce_id = standing.salesforce_id
    WHERE role.stage IS NOT NULL AND (standing.is_linked OR standing.hubspot_id IS NULL)
    GROUP BY standing.pair_id, standing.is_linked, standing.hubspot_id, role.stage
),

by_role AS (
    SELECT hubspot_id, stage, is_event
    FROM own_role
    WHERE is_linked
),

company_contact AS (
    SELECT contact_id, company_id
    FROM staged__hubspot__contact_company
    WHERE op = 'upsert' AND coalesce("primary", TRUE)
),

-- ... and with company sync on, by that of a colleague.
by_colleague AS (
    SELECT colleague.contact_id AS hubspot_id, by_role.stage, bool_or(by_role.is_event) AS is_event
    FROM by_role
    INNER JOIN company_contact AS own ON by_role.hubspot_id = own.contact_id
    INNER JOIN company_contact AS colleague ON own.company_id = colleague.company_id AND own.contact_id <> colleague.contact_id
    CROSS JOIN run
    WHERE run.company_sync
    GROUP BY colleague.contact_id, by_role.stage
),

-- P2-66: a company's stage goes down to its contacts when it changes.
by_company AS (
    SELECT company_contact.contact_id AS hubspot_id, company.stage, TRUE AS is_event
    FROM hubspot_record AS company
    INNER JOIN earlier_stage AS earlier
        ON company.object = earlier.object AND company.hubspot_id = earlier.hubspot_id AND (company.stage IS DISTINCT FROM earlier.stage)
    INNER JOIN company_contact ON company.hubspot_id = company_contact.company_id
    WHERE company.object = 'company' AND company.stage IS NOT NULL
),

-- While it is pending, the wish stands: the company may not have changed tonight.
by_company_pending AS (
    SELECT company_contact.contact_id AS hubspot_id, company.stage, FALSE AS is_event
    FROM hubspot_record AS company
    INNER JOIN company_contact ON company.hubspot_id = company_contact.company_id
    INNER JOIN standing ON standing.object = 'person' AND company_contact.contact_id = standing.hubspot_id
    WHERE company.object = 'company' AND company.stage IS NOT NULL AND list_contains(standing.past_triggers, 'company_stage')
),

-- P2-54: with company sync on, a contact that reaches another stage moves its company, forward to the stage of its furthest contact. Only
-- new versions can have another stage; where companies are delivered without theirs, nobody knows what would be forward.
stirred AS (
    SELECT
        company_contact.company_id,
        bool_or(contact.stage IS DISTINCT FROM earlier.stage) AS is_event
    FROM hubspot_record AS contact
    INNER JOIN company_contact ON contact.hubspot_id = company_contact.contact_id
    INNER JOIN earlier_stage AS earlier ON contact.object = earlier.object AND contact.hubspot_id = earlier.hubspot_id
    CROSS JOIN run
    WHERE
        contact.object = 'person' AND contact.version_night > run.previous_night AND run.company_sync
        AND (
            EXISTS (
                SELECT 1 FROM stage_column
                WHERE object = 'company' AND is_delivered
            )
            OR EXISTS (
                SELECT 1 FROM hubspot_record
                WHERE object = 'company' AND stage IS NOT NULL
            )
        )
    GROUP BY company_contact.company_id
    UNION ALL
    SELECT hubspot_id AS company_id, FALSE AS is_event
    FROM standing
    CROSS JOIN run
    WHERE object = 'company' AND list_contains(past_triggers, 'contact_stage') AND run.company_sync
),

by_contact AS (
    SELECT stirred.company_id AS hubspot_id, contact.stage, bool_or(stirred.is_event) AS is_event
    FROM stirred
    INNER JOIN company_contact ON stirred.company_id = company_contact.company_id
    INNER JOIN hubspot_record AS contact ON contact.object = 'person' AND company_contact.contact_id = contact.hubspot_id
    WHERE contact.stage IS NOT NULL
    GROUP BY stirred.company_id, contact.stage
),

wished AS (
    SELECT 'person' AS object, hubspot_id, stage, is_event, 'lifecycle' AS trigger, 'lifecycle_transition' AS rule, 'P2-67' AS because FROM by_role
    UNION ALL
    SELECT 'person' AS object, hubspot_id, stage, is_event, 'lifecycle' AS trigger, 'lifecycle_transition' AS rule, 'P2-67' AS because FROM by_colleague
    UNION ALL
    SELECT 'person' AS object, hubspot_id, stage, is_event, 'company_stage' AS trigger, 'company_stage' AS rule, 'P2-66' AS because FROM by_company
    UNION ALL
    SELECT 'person' AS object, hubspot_id, stage, is_event, 'company_stage' AS trigger, 'company_stage' AS rule, 'P2-66' AS because FROM by_company_pending
    UNION ALL
    SELECT 'company' AS object, hubspot_id, stage, is_event, 'contact_stage' AS trigger, 'contact_stage' AS rule, 'P2-54' AS because FROM by_contact
)

SELECT
    standing.object,
    standing.pair_id,
    wished.stage,
    wished.trigger,
    wished.rule,
    wished.because,
    bool_or(wished.is_event) AS is_event
FROM wished
INNER JOIN standing ON wished.object = standing.object AND standing.hubspot_live AND wished.hubspot_id = standing.hubspot_id
INNER JOIN stage_order AS wanted ON wished.object = wanted.object AND wished.stage = wanted.stage
LEFT JOIN stage_order AS present ON wished.object = present.object AND standing.stage = present.stage
WHERE standing.stage IS NULL OR wanted.position > present.position
GROUP BY standing.object, standing.pair_id, wished.stage, wished.trigger, wished.rule, wished.because
UNION ALL
SELECT 'person' AS object, pair_id, stage, 'lifecycle' AS trigger, 'lifecycle_transition' AS rule, 'P2-67' AS because, FALSE AS is_event
FROM own_role
WHERE NOT is_linked
