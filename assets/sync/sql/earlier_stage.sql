-- One row per contact and company of the night before with its lifecycle stage then. Grain: object, hubspot_id.
SELECT 'person' AS object, hs_object_id AS hubspot_id, nullif(trim(lifecyclestage), '') AS stage
FROM before__hubspot__contact
UNION ALL
SELECT 'company' AS object, hs_object_id AS hubspot_id, nullif(trim(lifecyclestage), '') AS stage
FROM before__hubspot__company
