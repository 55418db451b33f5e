-- Companies of both CRMs as the fields that are compared; merged-away records only carry links. `night` is that of
-- the newest version. Grain: record.
SELECT
    'hubspot/company/' || hs_object_id AS record,
    op = 'upsert' AS live,
    CASE WHEN op = 'upsert' THEN name END AS company,
    CASE WHEN op = 'upsert' THEN coalesce(nullif(trim(domain), ''), website) END AS domain,
    CASE WHEN op = 'upsert' THEN phone END AS phone,
    CASE WHEN op = 'upsert' THEN address END AS street,
    CASE WHEN op = 'upsert' THEN city END AS city,
    CASE WHEN op = 'upsert' THEN state END AS state,
    CASE WHEN op = 'upsert' THEN zip END AS postcode,
    CASE WHEN op = 'upsert' THEN country END AS country,
    hs_lastmodifieddate AS modified_at,
    createdate AS created_at,
    night
FROM staged__hubspot__company
WHERE op IN ('upsert', 'merge')
UNION ALL
SELECT
    'salesforce/account/' || "Id" AS record,
    op = 'upsert' AS live,
    CASE WHEN op = 'upsert' THEN "Name" END AS company,
    CASE WHEN op = 'upsert' THEN "Website" END AS domain,
    CASE WHEN op = 'upsert' THEN "Phone" END AS phone,
    CASE WHEN op = 'upsert' THEN "BillingStreet" END AS street,
    CASE WHEN op = 'upsert' THEN "BillingCity" END AS city,
    CASE WHEN op = 'upsert' THEN "BillingState" END AS state,
    CASE WHEN op = 'upsert' THEN "BillingPostalCode" END AS postcode,
    CASE WHEN op = 'upsert' THEN "BillingCountry" END AS country,
    greatest("SystemModstamp", "LastModifiedDate", "CreatedDate") AS modified_at,
    "CreatedDate" AS created_at,
    night
FROM staged__salesforce__account
WHERE op IN ('upsert', 'merge')
