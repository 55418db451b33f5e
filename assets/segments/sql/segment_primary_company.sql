-- One row per contact or deal and its primary company, as a property of the record names it. Grain: object, record_id.
SELECT 'contact' AS object, hs_object_id AS record_id, CAST(TRY_CAST(associatedcompanyid AS BIGINT) AS VARCHAR) AS company_id, TRUE AS is_primary
FROM staged__hubspot__contact
WHERE op = 'upsert' AND TRY_CAST(associatedcompanyid AS BIGINT) IS NOT NULL
UNION ALL
SELECT 'deal' AS object, hs_object_id AS record_id, CAST(TRY_CAST(hs_primary_associated_company AS BIGINT) AS VARCHAR) AS company_id, TRUE AS is_primary
FROM staged__hubspot__deal
WHERE op = 'upsert' AND TRY_CAST(hs_primary_associated_company AS BIGINT) IS NOT NULL
