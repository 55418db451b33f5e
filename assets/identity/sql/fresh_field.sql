-- Raw fields of the records that have a version after the night whose keys are known; of all records where none are. Grain: a record.
SELECT field.* EXCLUDE (night)
FROM field
CROSS JOIN known_until AS known
WHERE known.night IS NULL OR field.night > known.night
