-- Exact keys that changed records have or had. Grain: kind, value.
SELECT address.kind, address.value
FROM address
SEMI JOIN changed ON address.record = changed.record
UNION
SELECT kind, value FROM address_gone
