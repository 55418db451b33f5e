-- One row per live Salesforce lead or contact that can be linked; converted leads have become contacts (P2-2C). Grain: salesforce_id.
SELECT
    'Lead' AS salesforce_object,
    Id AS salesforce_id,
    nullif(lower(trim(Email)), '') AS email,
    CreatedDate AS created_at,
    greatest(SystemModstamp, LastModifiedDate, CreatedDate) AS modified_at,
    CAST(NULL AS VARCHAR) AS account_id,
    night
FROM staged__salesforce__lead
WHERE op = 'upsert' AND NOT coalesce(IsConverted, FALSE)
UNION ALL
SELECT
    'Contact' AS salesforce_object,
    Id AS salesforce_id,
    nullif(lower(trim(Email)), '') AS email,
    CreatedDate AS created_at,
    greatest(SystemModstamp, LastModifiedDate, CreatedDate) AS modified_at,
    AccountId AS account_id,
    night
FROM staged__salesforce__contact
WHERE op = 'upsert'
