-- One row per record with a newer version than the ledger, whose hash there is of other mappings. Grain: object, system, record_id.
SELECT pair.object, 'hubspot' AS system, pair.hubspot_id AS record_id
FROM pair
CROSS JOIN run
CROSS JOIN mapping_digest AS mapped
WHERE
    pair.hubspot_live AND pair.hubspot_version_night > run.previous_night
    AND pair.past_hubspot_hash IS NOT NULL AND NOT starts_with(pair.past_hubspot_hash, mapped.digest)
UNION ALL
SELECT pair.object, 'salesforce' AS system, pair.salesforce_id AS record_id
FROM pair
CROSS JOIN run
CROSS JOIN mapping_digest AS mapped
WHERE
    pair.salesforce_live AND pair.salesforce_version_night > run.previous_night
    AND pair.past_salesforce_hash IS NOT NULL AND NOT starts_with(pair.past_salesforce_hash, mapped.digest)
