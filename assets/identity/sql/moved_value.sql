-- Exact keys that changed records have or had. Grain: kind, value.
SELECT address.kind, address.value
FROM address
SEMI JOIN changed ON address.record = changed.record
UNION
SELECT address_before.kind, address_before.value
FROM address_before
SEMI JOIN changed ON address_before.record = changed.record
