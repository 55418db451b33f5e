-- One row per record that the night changes by more than one operation. Grain: system, object, record_id.
SELECT
    system,
    object,
    record_id
FROM loaded
WHERE op IN ('update', 'clear')
GROUP BY system, object, record_id
HAVING count(*) > 1
