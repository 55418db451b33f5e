-- Exact keys of the night before whose value is among those that moved. Grain: r, kind, value.
SELECT address_before.*
FROM address_before
SEMI JOIN moved_value ON address_before.kind = moved_value.kind AND address_before.value = moved_value.value
