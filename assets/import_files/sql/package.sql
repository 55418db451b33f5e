-- One row per package and field: how many operations have it; a package without fields has one row without a field.
-- Grain: target, object, operation, variant, field.
WITH by_fields AS (
    SELECT
        target,
        object,
        operation,
        variant,
        list_transform(changes, lambda c: c.field) AS fields,
        count(*) AS operations
    FROM packaged
    GROUP BY ALL
)

SELECT
    target,
    object,
    operation,
    variant,
    field,
    sum(operations)::BIGINT AS operations
FROM (
    SELECT target, object, operation, variant, operations, unnest(fields) AS field FROM by_fields
    UNION ALL
    SELECT target, object, operation, variant, operations, NULL AS field FROM by_fields
) AS counted
GROUP BY ALL
