-- One row per field of the wanted pairs as the night before left it. Grain: object, pair_id, salesforce_id, mapping.
-- Their versions are read once, before the newest is picked: the table is the largest of the lake, and what is wanted of it is little.
WITH version AS MATERIALIZED (
    SELECT ledger_field.*
    FROM core__sync__ledger_field AS ledger_field
    SEMI JOIN wanted_pair ON ledger_field.object = wanted_pair.object AND ledger_field.pair_id = wanted_pair.pair_id
)

SELECT *
FROM version
QUALIFY row_number() OVER (PARTITION BY object, pair_id, salesforce_id, mapping ORDER BY night DESC) = 1
