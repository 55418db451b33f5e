-- Records that an id may stand for: its whole name, or the CRM's own id. Grain: a record.
SELECT key.record
FROM core__identity__key AS key
CROSS JOIN asked
WHERE key.gone IS DISTINCT FROM TRUE AND (key.record = asked.id OR ends_with(key.record, '/' || asked.id))
ORDER BY key.record
