-- Records that sync with the other CRM tonight (`tonight`) or did the night before. Grain: record, tonight.
WITH link AS (
    SELECT salesforce_object, salesforce_id, hubspot_id, TRUE AS tonight
    FROM core__identity__link
    WHERE is_current
    UNION ALL
    SELECT salesforce_object, salesforce_id, hubspot_id, FALSE AS tonight
    FROM known_link
    WHERE is_current
)

SELECT DISTINCT
    tonight,
    CASE salesforce_object WHEN 'Account' THEN 'hubspot/company/' ELSE 'hubspot/contact/' END || hubspot_id AS record
FROM link
UNION
SELECT
    tonight,
    'salesforce/' || lower(salesforce_object) || '/' || salesforce_id AS record
FROM link
