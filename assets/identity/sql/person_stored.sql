-- T0: people joined by an id that a CRM stores: HubSpot's Salesforce ids, lead conversion, merges. Grain: a, b, rule.
SELECT 'hubspot/contact/' || hs_object_id AS x, 'salesforce/contact/' || salesforcecontactid AS y, 'stored_id' AS rule
FROM staged__hubspot__contact
WHERE op = 'upsert' AND nullif(trim(salesforcecontactid), '') IS NOT NULL
UNION ALL
SELECT 'hubspot/contact/' || hs_object_id AS x, 'salesforce/lead/' || salesforceleadid AS y, 'stored_id' AS rule
FROM staged__hubspot__contact
WHERE op = 'upsert' AND nullif(trim(salesforceleadid), '') IS NOT NULL
UNION ALL
SELECT 'salesforce/lead/' || "Id" AS x, 'salesforce/contact/' || "ConvertedContactId" AS y, 'conversion' AS rule
FROM staged__salesforce__lead
WHERE op = 'upsert' AND coalesce("IsConverted", FALSE) AND nullif(trim("ConvertedContactId"), '') IS NOT NULL
UNION ALL
SELECT 'hubspot/contact/' || hs_object_id AS x, 'hubspot/contact/' || merged_into AS y, 'merge' AS rule
FROM staged__hubspot__contact
WHERE op = 'merge'
UNION ALL
SELECT 'salesforce/lead/' || "Id" AS x, 'salesforce/lead/' || merged_into AS y, 'merge' AS rule
FROM staged__salesforce__lead
WHERE op = 'merge'
UNION ALL
SELECT 'salesforce/contact/' || "Id" AS x, 'salesforce/contact/' || merged_into AS y, 'merge' AS rule
FROM staged__salesforce__contact
WHERE op = 'merge'
