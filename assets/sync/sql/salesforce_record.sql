-- One row per live Salesforce lead or contact (person) or account (company). A converted lead is not a candidate any more:
-- its contact is (P2-2C). Grain: salesforce_id.
SELECT
    'person' AS object,
    'Lead' AS salesforce_object,
    Id AS salesforce_id,
    nullif(lower(trim(Email)), '') AS key,
    CreatedDate AS created_at,
    greatest(SystemModstamp, LastModifiedDate, CreatedDate) AS modified_at,
    night AS version_night
FROM staged__salesforce__lead
WHERE op = 'upsert' AND NOT coalesce(IsConverted, FALSE)
UNION ALL
SELECT
    'person' AS object,
    'Contact' AS salesforce_object,
    Id AS salesforce_id,
    nullif(lower(trim(Email)), '') AS key,
    CreatedDate AS created_at,
    greatest(SystemModstamp, LastModifiedDate, CreatedDate) AS modified_at,
    night AS version_night
FROM staged__salesforce__contact
WHERE op = 'upsert'
UNION ALL
SELECT
    'company' AS object,
    'Account' AS salesforce_object,
    Id AS salesforce_id,
    nullif(trim(Name), '') AS key,
    CreatedDate AS created_at,
    greatest(SystemModstamp, LastModifiedDate, CreatedDate) AS modified_at,
    night AS version_night
FROM staged__salesforce__account
WHERE op = 'upsert'
