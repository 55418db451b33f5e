-- The exact keys among those that moved, of every record that has them tonight. Grain: r, kind, value.
SELECT address.*
FROM address
SEMI JOIN moved_value ON address.kind = moved_value.kind AND address.value = moved_value.value
