-- One row per live HubSpot contact (person) or company. Grain: object, hubspot_id.
SELECT
    'person' AS object,
    hs_object_id AS hubspot_id,
    nullif(lower(trim(email)), '') AS key,
    createdate AS created_at,
    coalesce(lastmodifieddate, createdate) AS modified_at,
    nullif(trim(lifecyclestage), '') AS stage,
    nullif(trim(hs_additional_emails), '') AS secondary_emails,
    night AS version_night
FROM staged__hubspot__contact
WHERE op = 'upsert'
UNION ALL
SELECT
    'company' AS object,
    hs_object_id AS hubspot_id,
    coalesce(nullif(lower(trim(domain)), ''), nullif(trim(name), '')) AS key,
    createdate AS created_at,
    coalesce(hs_lastmodifieddate, createdate) AS modified_at,
    nullif(trim(lifecyclestage), '') AS stage,
    CAST(NULL AS VARCHAR) AS secondary_emails,
    night AS version_night
FROM staged__hubspot__company
WHERE op = 'upsert'
