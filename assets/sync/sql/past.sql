-- The ledger as the night before left it, its Salesforce ids followed to the records that they are now. Grain: object, pair_id.
SELECT
    ledger.*,
    coalesce(successor.to_id, ledger.salesforce_id) AS present_salesforce_id,
    successor.from_id IS NULL AS is_direct
FROM core__sync__ledger AS ledger
LEFT JOIN salesforce_successor AS successor ON ledger.salesforce_id = successor.from_id
