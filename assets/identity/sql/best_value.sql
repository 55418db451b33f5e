-- The value of each field that survives, and whether there are others: what a lone record says needs no ranking. Grain: an entity and
-- field.
SELECT entity_id, field, policy, value, record, FALSE AS is_spread
FROM ranked_value
WHERE is_alone
UNION ALL
SELECT entity_id, field, policy, value, record, min(value) OVER said <> max(value) OVER said AS is_spread
FROM ranked_value
WHERE NOT is_alone
WINDOW
    said AS (PARTITION BY entity_id, field),
    ranked AS (PARTITION BY entity_id, field ORDER BY place_1, place_2, place_3, record)
QUALIFY row_number() OVER ranked = 1
