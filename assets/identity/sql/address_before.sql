-- The same of the night before: what has not changed had them then. Grain: record, kind, value.
SELECT address_moved.*
FROM address_moved
ANTI JOIN changed ON address_moved.record = changed.record
UNION ALL
SELECT * FROM address_gone
