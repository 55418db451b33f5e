-- core/sync/decision: one row per candidate and direction; grain: object, direction, hubspot_id, salesforce_id.
WITH created AS (
    SELECT route.object, route.pair_id, route.salesforce_object
    FROM route
    SEMI JOIN night_outcome AS outcome
        ON route.object = outcome.object AND route.pair_id = outcome.pair_id AND outcome.outcome IN ('create', 'reject')
)

SELECT
    outcome.object,
    outcome.direction,
    CASE WHEN standing.hubspot_live OR outcome.block = 'deleted_in_hubspot' THEN standing.hubspot_id END AS hubspot_id,
    coalesce(standing.salesforce_object, CASE WHEN outcome.outcome IN ('create', 'reject') THEN created.salesforce_object END) AS salesforce_object,
    standing.salesforce_id,
    CASE WHEN outcome.object = 'person' THEN coalesce(standing.hubspot_key, standing.salesforce_key) END AS email,
    outcome.outcome,
    outcome.since,
    outcome.reasons,
    outcome.warnings
FROM night_outcome AS outcome
INNER JOIN standing ON outcome.object = standing.object AND outcome.pair_id = standing.pair_id
LEFT JOIN created ON outcome.object = created.object AND outcome.pair_id = created.pair_id
WHERE outcome.outcome <> 'unchanged' OR len(outcome.reasons) > 0 OR len(outcome.warnings) > 0
UNION ALL
SELECT
    object,
    'to_hubspot' AS direction,
    hubspot_id,
    salesforce_object,
    salesforce_id,
    hubspot_key AS email,
    'delete' AS outcome,
    since,
    triggers AS reasons,
    CAST([] AS VARCHAR[]) AS warnings
FROM deletion
UNION ALL
SELECT * FROM app_routing
