-- One row per HubSpot record with fields that must be cleared before anything else. Grain: object, record_id.
-- Cleared are the fields of clear operations, and blanks that an update holds: an import cannot clear (P2-99).
SELECT
    object,
    record_id,
    list_sort(list_distinct(flatten(list(
        list_transform(
            list_filter(changes, lambda c: op = 'clear' OR coalesce(c.after, '') = ''),
            lambda c: c.field
        )
    )))) AS fields
FROM delta
WHERE system = 'hubspot' AND op IN ('update', 'clear')
GROUP BY object, record_id
HAVING len(fields) > 0
