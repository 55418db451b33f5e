-- One row per HubSpot contact and live Salesforce record that a stored id ties to it, the ledger's link first, then the
-- contact id, then the lead id, then what a merged HubSpot record was linked to. Grain: hubspot_id, salesforce_id.
-- A record that was converted or merged is followed to its successor (P2-2C, P2-46).
WITH stored AS (
    SELECT hubspot_id, salesforce_id, 'ledger' AS rule, 1 AS priority
    FROM core__sync__ledger
    WHERE object = 'person' AND hubspot_id IS NOT NULL AND salesforce_id IS NOT NULL
    UNION ALL
    SELECT hubspot_id, stored_contact_id AS salesforce_id, 'stored_id' AS rule, 2 AS priority
    FROM hubspot_person
    WHERE stored_contact_id IS NOT NULL
    UNION ALL
    SELECT hubspot_id, stored_lead_id AS salesforce_id, 'stored_id' AS rule, 3 AS priority
    FROM hubspot_person
    WHERE stored_lead_id IS NOT NULL
    UNION ALL
    -- The contact that answers a pending auto-create belongs to the record that it was made from, or to what that has become since,
    -- whatever address it has by now.
    SELECT hs.hubspot_id, asking.salesforce_id, 'auto_create' AS rule, 4 AS priority
    FROM (
        SELECT sf.salesforce_id, unnest([sf.email, ledger.given_email]) AS email
        FROM core__sync__ledger AS ledger
        LEFT JOIN salesforce_successor AS heir ON ledger.salesforce_id = heir.from_id
        INNER JOIN salesforce_person AS sf ON coalesce(heir.to_id, ledger.salesforce_id) = sf.salesforce_id
        WHERE
            ledger.object = 'person' AND ledger.hubspot_id IS NULL AND ledger.created_by IN ('auto_create', 'import')
            AND len(ledger.triggers) > 0
    ) AS asking
    INNER JOIN hubspot_person AS hs ON asking.email = hs.email
    UNION ALL
    -- So do any two of which one was asked for from the other, where an address does not say so: it has another one by now, or either
    -- has become another record.
    SELECT hs.hubspot_id, answered.salesforce_id, 'answer' AS rule, 4 AS priority
    FROM answered
    LEFT JOIN hubspot_successor AS heir ON answered.object = heir.object AND answered.hubspot_id = heir.from_id
    LEFT JOIN salesforce_successor AS became ON answered.salesforce_id = became.from_id
    INNER JOIN hubspot_person AS hs ON coalesce(heir.to_id, answered.hubspot_id) = hs.hubspot_id
    WHERE answered.object = 'person' AND (hs.email IS DISTINCT FROM answered.given OR became.from_id IS NOT NULL)
    UNION ALL
    SELECT successor.to_id AS hubspot_id, ledger.salesforce_id, 'hubspot_merge' AS rule, 5 AS priority
    FROM core__sync__ledger AS ledger
    INNER JOIN hubspot_successor AS successor ON ledger.object = successor.object AND ledger.hubspot_id = successor.from_id
    WHERE ledger.object = 'person' AND ledger.salesforce_id IS NOT NULL
),

followed AS (
    SELECT
        stored.hubspot_id,
        coalesce(successor.to_id, stored.salesforce_id) AS salesforce_id,
        coalesce(successor.how, stored.rule) AS rule,
        stored.priority,
        successor.from_id IS NOT NULL AS is_followed
    FROM stored
    LEFT JOIN salesforce_successor AS successor ON stored.salesforce_id = successor.from_id
)

SELECT
    followed.hubspot_id,
    followed.salesforce_id,
    followed.rule,
    followed.priority,
    followed.is_followed,
    sf.salesforce_object,
    sf.email,
    sf.modified_at
FROM followed
INNER JOIN hubspot_person AS hs ON followed.hubspot_id = hs.hubspot_id
INNER JOIN salesforce_person AS sf ON followed.salesforce_id = sf.salesforce_id
LEFT JOIN person_absent AS absent ON followed.hubspot_id = absent.hubspot_id
WHERE
    absent.hubspot_id IS NULL OR followed.priority = 1
    -- A record that was made since may be what the missing one was converted into: exports often leave converted leads out.
    OR CAST(sf.created_at AS DATE) + INTERVAL 2 DAY >= CAST(absent.since AS DATE)
QUALIFY row_number() OVER (PARTITION BY followed.hubspot_id, followed.salesforce_id ORDER BY followed.priority, followed.is_followed, followed.rule) = 1
