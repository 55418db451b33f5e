-- One row per Salesforce contact with an account where one of the two becomes a HubSpot record tonight: who they are in HubSpot
-- already. Grain: salesforce_id. `hubspot_id` and `email` are the linked contact's, `company_id` the linked company's.
WITH created AS (
    SELECT link
    FROM night_delta
    WHERE system = 'hubspot' AND op = 'create' AND object IN ('contact', 'company') AND link IS NOT NULL
)

SELECT
    s.Id AS salesforce_id,
    s.AccountId AS account_id,
    h.hs_object_id AS hubspot_id,
    lower(trim(h.email)) AS email,
    c.hubspot_id AS company_id
FROM staged__salesforce__contact AS s
LEFT JOIN core__identity__link AS p
    ON s.Id = p.salesforce_id AND p.salesforce_object = 'Contact' AND p.is_current
LEFT JOIN staged__hubspot__contact AS h
    ON p.hubspot_id = h.hs_object_id AND h.op = 'upsert'
LEFT JOIN core__identity__link AS c
    ON s.AccountId = c.salesforce_id AND c.salesforce_object = 'Account' AND c.is_current
WHERE
    s.op = 'upsert'
    AND s.AccountId IS NOT NULL
    AND (s.Id IN (SELECT link FROM created) OR s.AccountId IN (SELECT link FROM created))
