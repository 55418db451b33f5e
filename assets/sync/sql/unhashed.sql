-- One row per live record that is hashed tonight: it has a newer version than the ledger, or the ledger has no hash of it by
-- the same mappings. Grain: object, system, record_id.
SELECT pair.object, 'hubspot' AS system, pair.hubspot_id AS record_id, pair.hubspot_version_night AS version_night
FROM pair
CROSS JOIN run
CROSS JOIN mapping_digest AS mapped
WHERE
    pair.hubspot_live
    AND NOT coalesce(
        pair.hubspot_version_night <= run.previous_night AND pair.hubspot_id = pair.past_hubspot_id
        AND starts_with(pair.past_hubspot_hash, mapped.digest),
        FALSE
    )
UNION ALL
SELECT pair.object, 'salesforce' AS system, pair.salesforce_id AS record_id, pair.salesforce_version_night AS version_night
FROM pair
CROSS JOIN run
CROSS JOIN mapping_digest AS mapped
WHERE
    pair.salesforce_live
    AND NOT coalesce(
        pair.salesforce_version_night <= run.previous_night AND pair.salesforce_id = pair.past_salesforce_id
        AND starts_with(pair.past_salesforce_hash, mapped.digest),
        FALSE
    )
