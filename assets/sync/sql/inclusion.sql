-- One row per record inside the inclusion segment; a company follows its contacts, and one
-- without any is not limited (P2-42, P2-50). Read only where a segment is configured.
-- Grain: object, hubspot_id.
WITH member AS (
    SELECT membership.record_id AS hubspot_id
    FROM core__segment__membership AS membership
    INNER JOIN run ON membership.segment_id = run.segment_id
    WHERE membership.change <> 'left'
)

SELECT 'person' AS object, hubspot_id
FROM member
UNION ALL
SELECT DISTINCT 'company' AS object, of_company.company_id AS hubspot_id
FROM staged__hubspot__contact_company AS of_company
INNER JOIN member ON of_company.contact_id = member.hubspot_id
WHERE of_company.op = 'upsert'
UNION ALL
SELECT 'company' AS object, company.hubspot_id
FROM hubspot_record AS company
ANTI JOIN staged__hubspot__contact_company AS of_company
    ON company.hubspot_id = of_company.company_id AND of_company.op = 'upsert'
WHERE company.object = 'company'
