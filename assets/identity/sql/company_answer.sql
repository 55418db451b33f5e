-- One row per company or account that answers a pending create of ours: it is new to the ledger, ties itself to nothing, and has the name
-- that the create gave, whatever the record it was given from is called by now. Several of one name are paired in order. What
-- waits and was never asked for is answered by nobody (P2-51). Grain: hubspot_id, salesforce_id.
WITH known_account AS (
    SELECT
        salesforce_id,
        bool_and(hubspot_id IS NULL AND len(triggers) > 0 AND given_email IS NOT NULL) AS is_pending,
        max(given_email) AS given_name
    FROM core__sync__ledger
    WHERE object = 'company' AND salesforce_id IS NOT NULL
    GROUP BY salesforce_id
),

known_company AS (
    SELECT
        hubspot_id,
        bool_and(salesforce_id IS NULL AND len(triggers) > 0 AND given_email IS NOT NULL) AS is_pending,
        max(given_email) AS given_name
    FROM core__sync__ledger
    WHERE object = 'company' AND hubspot_id IS NOT NULL
    GROUP BY hubspot_id
),

account AS (
    SELECT
        sf.Id AS salesforce_id,
        lower(trim(coalesce(known.given_name, sf.Name))) AS name,
        coalesce(known.is_pending, FALSE) AS is_pending,
        sf.CreatedDate AS created_at
    FROM staged__salesforce__account AS sf
    LEFT JOIN known_account AS known ON sf.Id = known.salesforce_id
    WHERE sf.op = 'upsert' AND trim(sf.Name) <> '' AND coalesce(known.is_pending, TRUE)
),

company AS (
    SELECT
        hs.hs_object_id AS hubspot_id,
        lower(trim(coalesce(known.given_name, hs.name))) AS name,
        coalesce(known.is_pending, FALSE) AS is_pending
    FROM staged__hubspot__company AS hs
    LEFT JOIN known_company AS known ON hs.hs_object_id = known.hubspot_id
    WHERE
        hs.op = 'upsert' AND trim(hs.name) <> '' AND coalesce(trim(hs.salesforceaccountid), '') = ''
        AND coalesce(known.is_pending, TRUE)
),

numbered_account AS (
    SELECT
        salesforce_id,
        name,
        is_pending,
        row_number() OVER (PARTITION BY name, is_pending ORDER BY created_at, salesforce_id) AS place
    FROM account
),

numbered_company AS (
    SELECT
        hubspot_id,
        name,
        is_pending,
        row_number() OVER (PARTITION BY name, is_pending ORDER BY length(hubspot_id), hubspot_id) AS place
    FROM company
)

SELECT company.hubspot_id, account.salesforce_id
FROM numbered_company AS company
INNER JOIN numbered_account AS account
    ON company.name = account.name AND company.place = account.place AND company.is_pending <> account.is_pending
