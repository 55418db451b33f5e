-- The ledger as the night before left it, its Salesforce ids followed to the records that they are now. A create that was answered goes
-- on as a pair of both, where the two are not linked: one of them was deleted, or is with another record. Grain: object, pair_id.
WITH linked AS (
    SELECT
        CASE WHEN salesforce_object = 'Account' THEN 'company' ELSE 'person' END AS object,
        hubspot_id,
        salesforce_id
    FROM core__identity__link
    WHERE is_current
),

lost AS (
    SELECT
        answered.object,
        answered.pair_id,
        answered.hubspot_id,
        CASE left(answered.salesforce_id, 3) WHEN '00Q' THEN 'Lead' WHEN '003' THEN 'Contact' ELSE 'Account' END AS salesforce_object,
        answered.salesforce_id
    FROM answered
    LEFT JOIN salesforce_successor AS successor ON answered.salesforce_id = successor.from_id
    ANTI JOIN linked AS asker
        ON
            answered.object = asker.object
            AND CASE answered.system
                WHEN 'salesforce' THEN answered.hubspot_id = asker.hubspot_id
                ELSE coalesce(successor.to_id, answered.salesforce_id) = asker.salesforce_id
            END
)

SELECT
    ledger.* EXCLUDE (hubspot_id, salesforce_object, salesforce_id),
    coalesce(ledger.hubspot_id, lost.hubspot_id) AS hubspot_id,
    coalesce(ledger.salesforce_object, lost.salesforce_object) AS salesforce_object,
    coalesce(ledger.salesforce_id, lost.salesforce_id) AS salesforce_id,
    coalesce(successor.to_id, ledger.salesforce_id, lost.salesforce_id) AS present_salesforce_id,
    successor.from_id IS NULL AS is_direct
FROM core__sync__ledger AS ledger
LEFT JOIN lost ON ledger.object = lost.object AND ledger.pair_id = lost.pair_id
LEFT JOIN salesforce_successor AS successor ON coalesce(ledger.salesforce_id, lost.salesforce_id) = successor.from_id
