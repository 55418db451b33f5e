-- One row per HubSpot record with a newer version than the ledger, whose hash there is of other mappings. Grain: object, record_id.
SELECT pair.object, pair.hubspot_id AS record_id
FROM pair
CROSS JOIN run
CROSS JOIN mapping_digest AS mapped
WHERE
    pair.hubspot_live AND pair.hubspot_version_night > run.previous_night
    AND pair.past_hubspot_hash IS NOT NULL AND NOT starts_with(pair.past_hubspot_hash, mapped.digest)
