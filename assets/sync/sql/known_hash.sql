-- One row per record whose hash of an earlier night still holds: it has no newer version and the mappings are the same. Where the ledger
-- names a record twice with different hashes, neither counts. Grain: object, record_id.
WITH noted AS (
    SELECT object, hubspot_id AS record_id, hubspot_hash AS hash
    FROM past
    WHERE hubspot_hash IS NOT NULL
    UNION ALL
    -- Without the campaigns, which are hashed anew every night.
    SELECT object, salesforce_id AS record_id, split_part(salesforce_hash, '-', 1) || '-' || split_part(salesforce_hash, '-', 2) AS hash
    FROM past
    WHERE salesforce_hash IS NOT NULL
),

present AS (
    SELECT object, hubspot_id AS record_id, version_night
    FROM hubspot_record
    UNION ALL
    SELECT object, salesforce_id AS record_id, version_night
    FROM salesforce_record
)

SELECT noted.object, noted.record_id, min(noted.hash) AS hash
FROM noted
INNER JOIN present ON noted.object = present.object AND noted.record_id = present.record_id
CROSS JOIN run
CROSS JOIN mapping_digest
WHERE present.version_night <= run.previous_night AND starts_with(noted.hash, mapping_digest.digest)
GROUP BY noted.object, noted.record_id
HAVING min(noted.hash) = max(noted.hash)
