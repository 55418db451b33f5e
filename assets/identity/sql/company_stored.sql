-- T0: companies joined by an id that a CRM stores: HubSpot's Salesforce account, merges. Grain: a, b, rule.
SELECT 'hubspot/company/' || hs_object_id AS x, 'salesforce/account/' || salesforceaccountid AS y, 'stored_id' AS rule
FROM staged__hubspot__company
WHERE op = 'upsert' AND nullif(trim(salesforceaccountid), '') IS NOT NULL
UNION ALL
SELECT 'hubspot/company/' || hs_object_id AS x, 'hubspot/company/' || merged_into AS y, 'merge' AS rule
FROM staged__hubspot__company
WHERE op = 'merge'
UNION ALL
SELECT 'salesforce/account/' || "Id" AS x, 'salesforce/account/' || merged_into AS y, 'merge' AS rule
FROM staged__salesforce__account
WHERE op = 'merge'
