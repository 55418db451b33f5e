-- Records of exact keys that joined records and no longer do, or the other way round. Grain: one row a record (r).
WITH
moved AS (
    SELECT moved_value.kind, moved_value.value, coalesce(shared_moved.open, TRUE) AS open
    FROM moved_value
    LEFT JOIN shared_moved ON moved_value.kind = shared_moved.kind AND moved_value.value = shared_moved.value
),

flipped AS (
    SELECT moved.kind, moved.value
    FROM moved
    LEFT JOIN shared_before ON moved.kind = shared_before.kind AND moved.value = shared_before.value
    WHERE moved.open <> coalesce(shared_before.open, TRUE)
)

SELECT DISTINCT address.r
FROM address_moved AS address
SEMI JOIN flipped ON address.kind = flipped.kind AND address.value = flipped.value
