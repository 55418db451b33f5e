-- One row per HubSpot record with fields that must be cleared before anything else. Grain: object, record_id.
SELECT
    object,
    record_id,
    list_sort(list_distinct(flatten(list(cleared)))) AS fields
FROM operation
WHERE len(cleared) > 0
GROUP BY object, record_id
