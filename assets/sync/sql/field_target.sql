-- One row per wanted pair and Salesforce object whose fields are looked at: the linked record's, or the one that it would get.
-- Grain: object, pair_id, is_reroute.
WITH target AS (
    SELECT
        wanted.object,
        wanted.pair_id,
        wanted.hubspot_id,
        wanted.salesforce_id,
        coalesce(wanted.salesforce_object, route.salesforce_object) AS salesforce_target,
        standing.past_salesforce_id,
        standing.hubspot_live,
        standing.salesforce_live,
        standing.hubspot_modified_at,
        standing.salesforce_modified_at
    FROM wanted_pair AS wanted
    INNER JOIN standing ON wanted.object = standing.object AND wanted.pair_id = standing.pair_id
    LEFT JOIN route ON wanted.object = route.object AND wanted.pair_id = route.pair_id
)

-- A lead that stage routing leaves for a contact (X11) has the contact's fields as well, as those of a record that is not there.
SELECT target.*, FALSE AS is_reroute
FROM target
UNION ALL
SELECT
    target.object,
    target.pair_id,
    target.hubspot_id,
    CAST(NULL AS VARCHAR) AS salesforce_id,
    'Contact' AS salesforce_target,
    CAST(NULL AS VARCHAR) AS past_salesforce_id,
    target.hubspot_live,
    FALSE AS salesforce_live,
    target.hubspot_modified_at,
    CAST(NULL AS TIMESTAMPTZ) AS salesforce_modified_at,
    TRUE AS is_reroute
FROM target
INNER JOIN route ON target.object = route.object AND target.pair_id = route.pair_id AND route.is_rerouted
