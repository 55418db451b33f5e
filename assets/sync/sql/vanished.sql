-- One row per pair of the ledger of which neither side is there any more, as the night before left it. Grain: object, pair_id.
-- They are looked for by their ids alone: few are found, and what the past has of all the others is much.
WITH vanished AS MATERIALIZED (
    SELECT past.object, past.pair_id
    FROM past
    ANTI JOIN pair ON past.object = pair.object AND past.pair_id = pair.pair_id
)

SELECT past.*
FROM past
INNER JOIN vanished ON past.object = vanished.object AND past.pair_id = vanished.pair_id
