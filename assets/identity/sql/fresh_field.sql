-- Raw fields of the records that have a version after the night whose keys are known, or no key (a historical import may bring records
-- of older nights); of all records where no keys are known. Grain: a record.
WITH unknown AS (
    SELECT field_record.record
    FROM field_record
    ANTI JOIN known_hash ON field_record.record = known_hash.record
)

SELECT field.* EXCLUDE (night)
FROM field
CROSS JOIN known_until AS known
WHERE known.night IS NULL OR field.night > known.night OR field.record IN (SELECT record FROM unknown)
