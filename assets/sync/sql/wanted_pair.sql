-- One row per pair whose fields are looked at: new to the ledger, changed in a mapped value on a side, linked differently, or
-- with a trigger that is open or opens tonight. All other pairs are as they were. Grain: object, pair_id.
SELECT standing.object, standing.pair_id, standing.hubspot_id, standing.salesforce_id, standing.salesforce_object
FROM standing
LEFT JOIN (SELECT DISTINCT object, pair_id FROM opened) AS opening
    ON standing.object = opening.object AND standing.pair_id = opening.pair_id
LEFT JOIN route ON standing.object = route.object AND standing.pair_id = route.pair_id
WHERE
    NOT standing.is_known
    OR standing.is_hubspot_moved
    OR standing.is_salesforce_moved
    OR standing.past_salesforce_id IS DISTINCT FROM standing.salesforce_id
    OR standing.past_hubspot_id IS DISTINCT FROM standing.hubspot_id
    OR len(standing.past_triggers) > 0
    OR opening.pair_id IS NOT NULL
    OR route.is_rerouted
