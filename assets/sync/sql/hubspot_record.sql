-- One row per live HubSpot contact (person) or company. Grain: object, hubspot_id.
SELECT
    'person' AS object,
    hs_object_id AS hubspot_id,
    nullif(lower(trim(email)), '') AS key,
    createdate AS created_at,
    coalesce(lastmodifieddate, createdate) AS modified_at,
    nullif(trim(lifecyclestage), '') AS stage,
    nullif(trim(hs_additional_emails), '') AS secondary_emails,
    CASE WHEN nullif(trim(salesforcecontactid), '') IS NOT NULL THEN 'Contact' WHEN nullif(trim(salesforceleadid), '') IS NOT NULL THEN 'Lead' END
        AS stored_object,
    coalesce(nullif(trim(salesforcecontactid), ''), nullif(trim(salesforceleadid), '')) AS stored_id,
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
    CASE WHEN nullif(trim(salesforceaccountid), '') IS NOT NULL THEN 'Account' END AS stored_object,
    nullif(trim(salesforceaccountid), '') AS stored_id,
    night AS version_night
FROM staged__hubspot__company
WHERE op = 'upsert'
