-- Records that an id or an e-mail address may stand for: its whole name, the CRM's own id, any of its addresses. Grain: a record.
SELECT key.record
FROM core__identity__key AS key
CROSS JOIN asked
WHERE
    key.gone IS DISTINCT FROM TRUE
    AND (
        key.record = asked.id OR ends_with(key.record, '/' || asked.id) OR list_contains(key.emails, lower(asked.id))
    )
ORDER BY key.record
