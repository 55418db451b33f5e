-- The exact keys of records that are compared anew, of every record that has them. Grain: r, kind, value.
WITH wanted AS (
    SELECT address.kind, address.value
    FROM address
    SEMI JOIN rescored ON address.r = rescored.r
)

SELECT address.*
FROM address
SEMI JOIN wanted ON address.kind = wanted.kind AND address.value = wanted.value
