-- One row per pair and entry of sync.yaml that names it by record id or e-mail (hold_back, resync) or by segment (resync).
-- An id means what its record was converted or merged into as well. Grain: object, pair_id, entry.
WITH meant AS (
    SELECT entry, purpose, field, value
    FROM named
    WHERE how = 'id'
    UNION
    SELECT named.entry, named.purpose, named.field, successor.to_id AS value
    FROM named
    INNER JOIN salesforce_successor AS successor ON named.how = 'id' AND left(named.value, 15) = left(successor.from_id, 15)
    UNION
    SELECT named.entry, named.purpose, named.field, successor.to_id AS value
    FROM named
    INNER JOIN hubspot_successor AS successor ON named.how = 'id' AND named.value = successor.from_id
)

SELECT pair.object, pair.pair_id, named.entry, named.purpose, named.field
FROM meant AS named
INNER JOIN pair
    -- Salesforce ids are compared on their 15 characters, which sync.yaml may have as well as the 18 (P2-29).
    ON pair.hubspot_id = named.value OR left(pair.salesforce_id, 15) = left(named.value, 15)
UNION
SELECT pair.object, pair.pair_id, named.entry, named.purpose, named.field
FROM named
INNER JOIN pair
    ON
        named.how = 'email' AND pair.object = 'person'
        AND (
            coalesce(pair.hubspot_key, pair.salesforce_key) = named.value
            -- What must never be touched is meant by either side's address.
            OR (named.purpose = 'hold_back' AND pair.salesforce_key = named.value)
        )
UNION
SELECT pair.object, pair.pair_id, named.entry, named.purpose, named.field
FROM named
INNER JOIN core__segment__membership AS membership ON named.how = 'segment' AND membership.segment_id = named.value AND membership.change <> 'left'
INNER JOIN pair ON pair.object = 'person' AND membership.record_id = pair.hubspot_id
