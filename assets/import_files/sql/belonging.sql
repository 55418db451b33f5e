-- One row per Salesforce contact with an account where one of the two becomes a HubSpot record by us: who they are in HubSpot
-- already. Grain: salesforce_id. `hubspot_id` and `email` are the linked contact's, `company_id` the linked company's.
-- `is_waiting`: one was made on an earlier night, and the two were never seen associated. Where HubSpot's associations are not
-- delivered nobody waits; an association that somebody has taken away since is not made again. Whom the night holds back is left as
-- it is, and so is a contact outside the segment that we do not make or have made (P1-41).
WITH created AS (
    SELECT link
    FROM night_delta
    WHERE system = 'hubspot' AND op = 'create' AND object IN ('contact', 'company') AND link IS NOT NULL
),

made AS (
    SELECT substr(pair_id, 4) AS link
    FROM core__sync__ledger
    WHERE
        created_by IN ('auto_create', 'import')
        AND starts_with(pair_id, 'sf:')
        AND EXISTS (SELECT 1 FROM staged__hubspot__contact_company)
),

ours AS (
    SELECT link FROM created
    UNION
    SELECT link FROM made
),

left_alone AS (
    SELECT
        salesforce_id,
        bool_or(list_contains(reasons, 'held_back')) AS is_held,
        bool_or(list_contains(reasons, 'not_in_segment')) AS is_outside
    FROM core__sync__decision
    WHERE direction IN ('to_hubspot', 'to_salesforce') AND salesforce_id IS NOT NULL
    GROUP BY salesforce_id
),

found AS (
    SELECT
        s.Id AS salesforce_id,
        s.AccountId AS account_id,
        h.hs_object_id AS hubspot_id,
        lower(trim(h.email)) AS email,
        c.hubspot_id AS company_id,
        s.Id IN (SELECT link FROM created) OR s.AccountId IN (SELECT link FROM created) AS is_created,
        s.Id IN (SELECT link FROM made) OR s.AccountId IN (SELECT link FROM made) AS is_made
    FROM staged__salesforce__contact AS s
    LEFT JOIN core__identity__link AS p
        ON s.Id = p.salesforce_id AND p.salesforce_object = 'Contact' AND p.is_current
    LEFT JOIN staged__hubspot__contact AS h
        ON p.hubspot_id = h.hs_object_id AND h.op = 'upsert'
    LEFT JOIN core__identity__link AS c
        ON s.AccountId = c.salesforce_id AND c.salesforce_object = 'Account' AND c.is_current
    LEFT JOIN left_alone AS person ON s.Id = person.salesforce_id
    LEFT JOIN left_alone AS company ON s.AccountId = company.salesforce_id
    WHERE
        s.op = 'upsert'
        AND s.AccountId IS NOT NULL
        AND (s.Id IN (SELECT link FROM ours) OR s.AccountId IN (SELECT link FROM ours))
        AND NOT coalesce(person.is_held, FALSE) AND NOT coalesce(company.is_held, FALSE)
        AND (NOT coalesce(person.is_outside, FALSE) OR s.Id IN (SELECT link FROM ours))
)

SELECT
    f.* EXCLUDE (is_created, is_made),
    f.is_made AND a.contact_id IS NULL AS is_waiting
FROM found AS f
LEFT JOIN staged__hubspot__contact_company AS a ON f.hubspot_id = a.contact_id AND f.company_id = a.company_id
WHERE f.is_created OR (f.is_made AND a.contact_id IS NULL)
QUALIFY row_number() OVER (PARTITION BY f.salesforce_id ORDER BY f.hubspot_id, f.company_id) = 1
