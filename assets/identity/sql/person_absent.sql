-- One row per HubSpot contact whose linked record was not delivered, or was converted into one that never was: it keeps its link, and
-- nothing that was there meanwhile takes its place (design section 6). `since` is the night on which it was missing first. Grain:
-- hubspot_id.
WITH followed AS (
    SELECT ledger.hubspot_id, coalesce(successor.to_id, ledger.salesforce_id) AS salesforce_id, successor.to_id IS NOT NULL AS is_followed
    FROM core__sync__ledger AS ledger
    LEFT JOIN salesforce_successor AS successor ON ledger.salesforce_id = successor.from_id
    WHERE ledger.object = 'person' AND ledger.hubspot_id IS NOT NULL AND ledger.salesforce_id IS NOT NULL
),

record AS (
    SELECT Id, op, night
    FROM staged__salesforce__lead
    UNION ALL
    SELECT Id, op, night
    FROM staged__salesforce__contact
),

missing AS (
    SELECT followed.hubspot_id, record.night
    FROM followed
    INNER JOIN record ON followed.salesforce_id = record.Id AND record.op = 'gone'
    UNION ALL
    SELECT followed.hubspot_id, CAST(NULL AS VARCHAR) AS night
    FROM followed
    ANTI JOIN record ON followed.salesforce_id = record.Id
    WHERE followed.is_followed
)

SELECT hubspot_id, min(night) AS since
FROM missing
GROUP BY hubspot_id
