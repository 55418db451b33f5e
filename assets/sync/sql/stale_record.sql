-- One row per record that has no newer version than the ledger and no hash that still holds: the mappings have changed, or it was never
-- noted. Grain: object, record_id.
WITH present AS (
    SELECT object, hubspot_id AS record_id, version_night
    FROM hubspot_record
    UNION ALL
    SELECT object, salesforce_id AS record_id, version_night
    FROM salesforce_record
)

SELECT present.object, present.record_id
FROM present
CROSS JOIN run
ANTI JOIN known_hash AS known ON present.object = known.object AND present.record_id = known.record_id
WHERE present.version_night <= run.previous_night
