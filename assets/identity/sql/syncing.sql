-- Of the records that a merge may be of, those that sync with the other CRM tonight. Grain: record.
WITH linked AS (
    SELECT
        CASE salesforce_object WHEN 'Account' THEN 'hubspot/company/' ELSE 'hubspot/contact/' END || hubspot_id AS ours,
        'salesforce/' || lower(salesforce_object) || '/' || salesforce_id AS theirs
    FROM core__identity__link
    WHERE is_current
)

SELECT record
FROM mergeable
SEMI JOIN linked ON mergeable.record = linked.ours
UNION
SELECT record
FROM mergeable
SEMI JOIN linked ON mergeable.record = linked.theirs
