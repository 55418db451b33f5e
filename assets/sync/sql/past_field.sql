-- One row per field of the wanted pairs as the night before left it. Grain: object, pair_id, salesforce_id, mapping.
SELECT ledger_field.*
FROM core__sync__ledger_field AS ledger_field
SEMI JOIN wanted_pair ON ledger_field.object = wanted_pair.object AND ledger_field.pair_id = wanted_pair.pair_id
QUALIFY
    row_number() OVER (
        PARTITION BY ledger_field.object, ledger_field.pair_id, ledger_field.salesforce_id, ledger_field.mapping
        ORDER BY ledger_field.night DESC
    ) = 1
