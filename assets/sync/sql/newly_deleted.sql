-- One row per Salesforce record that is deleted and was missing, or never seen, the night before: its pair knows it as gone, and not yet
-- as deleted. Grain: salesforce_id.
SELECT missing.salesforce_id
FROM salesforce_missing AS missing
LEFT JOIN before__salesforce__lead AS lead ON missing.salesforce_id = lead.Id
LEFT JOIN before__salesforce__contact AS contact ON missing.salesforce_id = contact.Id
WHERE missing.op = 'delete' AND coalesce(lead.op, contact.op, 'gone') = 'gone'
