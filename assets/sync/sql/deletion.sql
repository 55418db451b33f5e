-- One row per HubSpot contact that is deleted because its Salesforce record was (P2-45, P2-46), unless another live lead or contact
-- has its e-mail, or that of the record that was deleted (P2-2B). Grain: object, pair_id.
WITH deleted AS (
    SELECT Id AS salesforce_id, nullif(lower(trim(Email)), '') AS key
    FROM staged__salesforce__lead
    WHERE op = 'delete'
    UNION ALL
    SELECT Id AS salesforce_id, nullif(lower(trim(Email)), '') AS key
    FROM staged__salesforce__contact
    WHERE op = 'delete'
)

SELECT
    standing.object,
    standing.pair_id,
    standing.hubspot_id,
    standing.salesforce_object,
    standing.salesforce_id,
    standing.hubspot_key,
    pair_trigger.triggers,
    pair_trigger.since
FROM standing
INNER JOIN pair_trigger ON standing.object = pair_trigger.object AND standing.pair_id = pair_trigger.pair_id AND pair_trigger.has_deletion
CROSS JOIN run
LEFT JOIN deleted ON coalesce(standing.salesforce_id, standing.past_salesforce_id) = deleted.salesforce_id
ANTI JOIN salesforce_record AS alive ON alive.object = 'person' AND standing.hubspot_key = alive.key
ANTI JOIN salesforce_record AS heir ON heir.object = 'person' AND deleted.key = heir.key
WHERE
    run.delete_hubspot_contact AND standing.hubspot_live AND standing.missing = 'delete' AND standing.in_segment
    AND NOT standing.is_held_back
