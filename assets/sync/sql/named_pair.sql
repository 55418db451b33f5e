-- One row per pair and entry of sync.yaml that names it by record id or e-mail (hold_back, resync) or by segment (resync).
-- Grain: object, pair_id, entry.
WITH keyed AS (
    SELECT pair.object, pair.pair_id, pair.hubspot_id, pair.salesforce_id, hs.key AS hubspot_key, sf.key AS salesforce_key
    FROM pair
    LEFT JOIN hubspot_record AS hs ON pair.hubspot_live AND pair.object = hs.object AND pair.hubspot_id = hs.hubspot_id
    LEFT JOIN salesforce_record AS sf ON pair.salesforce_live AND pair.salesforce_id = sf.salesforce_id
)

SELECT keyed.object, keyed.pair_id, named.entry, named.purpose, named.field
FROM named
INNER JOIN keyed
    -- Salesforce ids are compared on their 15 characters, which sync.yaml may have as well as the 18 (P2-29).
    ON named.how = 'id' AND (keyed.hubspot_id = named.value OR left(keyed.salesforce_id, 15) = left(named.value, 15))
UNION
SELECT keyed.object, keyed.pair_id, named.entry, named.purpose, named.field
FROM named
INNER JOIN keyed
    ON
        named.how = 'email' AND keyed.object = 'person'
        AND (
            coalesce(keyed.hubspot_key, keyed.salesforce_key) = named.value
            -- What must never be touched is meant by either side's address.
            OR (named.purpose = 'hold_back' AND keyed.salesforce_key = named.value)
        )
UNION
SELECT keyed.object, keyed.pair_id, named.entry, named.purpose, named.field
FROM named
INNER JOIN core__segment__membership AS membership ON named.how = 'segment' AND membership.segment_id = named.value AND membership.change <> 'left'
INNER JOIN keyed ON keyed.object = 'person' AND membership.record_id = keyed.hubspot_id
