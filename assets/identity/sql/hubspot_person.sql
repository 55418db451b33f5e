-- One row per live HubSpot contact with what linking needs. Grain: hubspot_id.
SELECT
    hs_object_id AS hubspot_id,
    nullif(lower(trim(email)), '') AS email,
    nullif(trim(salesforcecontactid), '') AS stored_contact_id,
    nullif(trim(salesforceleadid), '') AS stored_lead_id
FROM staged__hubspot__contact
WHERE op = 'upsert'
