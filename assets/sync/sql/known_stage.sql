-- The same where the night before had no column of stages: the last stage that was delivered. Of whom none ever was, nothing is known: his
-- first one is no move. Grain: object, hubspot_id.
SELECT 'person' AS object, hs_object_id AS hubspot_id, arg_max(trim(lifecyclestage), night) AS stage
FROM version__hubspot__contact
WHERE trim(lifecyclestage) <> ''
GROUP BY hs_object_id
UNION ALL
SELECT 'company' AS object, hs_object_id AS hubspot_id, arg_max(trim(lifecyclestage), night) AS stage
FROM version__hubspot__company
WHERE trim(lifecyclestage) <> ''
GROUP BY hs_object_id
