-- Records that began or ceased to sync with the other CRM since the night before, with those they do or did it with. Grain: record.
WITH moved AS (
    (
        SELECT salesforce_object, salesforce_id, hubspot_id
        FROM core__identity__link
        WHERE is_current
        EXCEPT
        SELECT salesforce_object, salesforce_id, hubspot_id
        FROM known_link
        WHERE is_current
    )
    UNION ALL
    (
        SELECT salesforce_object, salesforce_id, hubspot_id
        FROM known_link
        WHERE is_current
        EXCEPT
        SELECT salesforce_object, salesforce_id, hubspot_id
        FROM core__identity__link
        WHERE is_current
    )
)

SELECT CASE salesforce_object WHEN 'Account' THEN 'hubspot/company/' ELSE 'hubspot/contact/' END || hubspot_id AS record
FROM moved
UNION
SELECT 'salesforce/' || lower(salesforce_object) || '/' || salesforce_id AS record
FROM moved
