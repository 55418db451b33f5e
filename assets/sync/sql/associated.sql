-- One row per live HubSpot company without an account, with what its contacts say about one for it (P2-52). Grain: hubspot_id.
-- Which contacts sync with what is read from the links; a contact without a link counts as what it would be created as (P2-03).
SELECT
    company.hubspot_id,
    count(contact.hubspot_id) AS contacts,
    count(contact.hubspot_id) FILTER (
        WHERE CASE
            WHEN link.salesforce_object IS NOT NULL THEN link.salesforce_object = 'Contact'
            WHEN run.has_stage_selection THEN list_contains(run.contact_stages, contact.stage)
            ELSE run.create_as = 'Contact'
        END
    ) AS as_contacts,
    count(contact.hubspot_id) FILTER (WHERE run.segment_id IS NULL OR inclusion.hubspot_id IS NOT NULL) AS qualifying
FROM standing AS company
CROSS JOIN run
LEFT JOIN staged__hubspot__contact_company AS of_company ON company.hubspot_id = of_company.company_id AND of_company.op = 'upsert'
LEFT JOIN hubspot_record AS contact ON contact.object = 'person' AND of_company.contact_id = contact.hubspot_id AND contact.key IS NOT NULL
LEFT JOIN core__identity__link AS link
    ON contact.hubspot_id = link.hubspot_id AND link.is_current AND link.salesforce_object <> 'Account'
LEFT JOIN inclusion ON inclusion.object = 'person' AND contact.hubspot_id = inclusion.hubspot_id
WHERE company.object = 'company' AND company.hubspot_live AND NOT company.is_linked
GROUP BY company.hubspot_id
