-- One row per Salesforce record that is deleted, or gone from a full delivery (design section 6). Grain: salesforce_id.
-- Converted leads and merged records have a successor and are no deletions (P2-46).
SELECT Id AS salesforce_id, 'Lead' AS salesforce_object, op
FROM staged__salesforce__lead
WHERE op IN ('delete', 'gone')
UNION ALL
SELECT Id AS salesforce_id, 'Contact' AS salesforce_object, op
FROM staged__salesforce__contact
WHERE op IN ('delete', 'gone')
UNION ALL
SELECT Id AS salesforce_id, 'Account' AS salesforce_object, op
FROM staged__salesforce__account
WHERE op IN ('delete', 'gone')
