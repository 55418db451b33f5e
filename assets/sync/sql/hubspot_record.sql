-- One row per live HubSpot contact (person) or company. A stage that nobody delivered tonight is the last that was. Grain: object,
-- hubspot_id.
WITH untold AS (
    SELECT earlier.*
    FROM earlier_stage AS earlier
    SEMI JOIN stage_column ON earlier.object = stage_column.object AND stage_column.is_missing
)

SELECT
    'person' AS object,
    hs_object_id AS hubspot_id,
    nullif(lower(trim(email)), '') AS key,
    createdate AS created_at,
    coalesce(lastmodifieddate, createdate) AS modified_at,
    coalesce(nullif(trim(lifecyclestage), ''), untold.stage) AS stage,
    nullif(trim(hs_additional_emails), '') AS secondary_emails,
    CASE WHEN nullif(trim(salesforcecontactid), '') IS NOT NULL THEN 'Contact' WHEN nullif(trim(salesforceleadid), '') IS NOT NULL THEN 'Lead' END
        AS stored_object,
    coalesce(nullif(trim(salesforcecontactid), ''), nullif(trim(salesforceleadid), '')) AS stored_id,
    night AS version_night
FROM staged__hubspot__contact
LEFT JOIN untold ON untold.object = 'person' AND hs_object_id = untold.hubspot_id
WHERE op = 'upsert'
UNION ALL
SELECT
    'company' AS object,
    hs_object_id AS hubspot_id,
    coalesce(nullif(lower(trim(domain)), ''), nullif(trim(name), '')) AS key,
    createdate AS created_at,
    coalesce(hs_lastmodifieddate, createdate) AS modified_at,
    coalesce(nullif(trim(lifecyclestage), ''), untold.stage) AS stage,
    CAST(NULL AS VARCHAR) AS secondary_emails,
    CASE WHEN nullif(trim(salesforceaccountid), '') IS NOT NULL THEN 'Account' END AS stored_object,
    nullif(trim(salesforceaccountid), '') AS stored_id,
    night AS version_night
FROM staged__hubspot__company
LEFT JOIN untold ON untold.object = 'company' AND hs_object_id = untold.hubspot_id
WHERE op = 'upsert'
