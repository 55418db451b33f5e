-- One row per record and mapping that has a value, with the form in which the two sides are compared (P2-28, P2-34, P2-3A).
-- A value that cannot be read as its type keeps its own text, so that it equals nothing else and is refused when it is written.
-- Owners are compared as Salesforce user ids. Grain: side, record_id, salesforce_object, mapping.
WITH value_of_side AS (
    SELECT 'hubspot' AS side, cell.object, cell.record_id, mapping.salesforce_object, mapping.mapping, mapping.compare, cell.value
    FROM hubspot_cell AS cell
    INNER JOIN mapping ON cell.object = mapping.object AND cell.field = mapping.hubspot
    UNION ALL
    SELECT 'salesforce' AS side, cell.object, cell.record_id, mapping.salesforce_object, mapping.mapping, mapping.compare, cell.value
    FROM salesforce_cell AS cell
    INNER JOIN mapping ON cell.salesforce_object = mapping.salesforce_object AND cell.field = mapping.salesforce
)

SELECT
    value_of_side.side,
    value_of_side.object,
    value_of_side.record_id,
    value_of_side.salesforce_object,
    value_of_side.mapping,
    value_of_side.value,
    CASE value_of_side.compare
        WHEN 'email' THEN lower(trim(value_of_side.value))
        WHEN 'opt_out' THEN CASE WHEN lower(trim(value_of_side.value)) IN ('true', 'yes', '1') THEN 'true' END
        WHEN 'bool' THEN
            CASE
                WHEN lower(trim(value_of_side.value)) IN ('true', 'yes', 'y', 'on', '1') THEN 'true'
                WHEN lower(trim(value_of_side.value)) IN ('false', 'no', 'n', 'off', '0') THEN 'false'
                ELSE trim(value_of_side.value)
            END
        WHEN 'number' THEN
            CASE
                WHEN try_cast(trim(value_of_side.value) AS DOUBLE) IS NULL THEN trim(value_of_side.value)
                WHEN
                    try_cast(trim(value_of_side.value) AS DOUBLE) = trunc(try_cast(trim(value_of_side.value) AS DOUBLE))
                    AND abs(try_cast(trim(value_of_side.value) AS DOUBLE)) < 1e15
                    THEN CAST(CAST(try_cast(trim(value_of_side.value) AS DOUBLE) AS BIGINT) AS VARCHAR)
                ELSE CAST(try_cast(trim(value_of_side.value) AS DOUBLE) AS VARCHAR)
            END
        WHEN 'date' THEN coalesce(CAST(try_cast(left(trim(value_of_side.value), 10) AS DATE) AS VARCHAR), trim(value_of_side.value))
        WHEN 'datetime' THEN
            coalesce(
                strftime(try_cast(trim(value_of_side.value) AS TIMESTAMPTZ), '%Y-%m-%dT%H:%M:%S.%gZ'),
                trim(value_of_side.value)
            )
        WHEN 'set' THEN
            nullif(
                array_to_string(
                    list_sort(
                        list_distinct(
                            list_filter(list_transform(string_split(value_of_side.value, ';'), lambda x: trim(x)), lambda x: x <> '')
                        )
                    ),
                    ';'
                ),
                ''
            )
        WHEN 'owner' THEN
            CASE
                WHEN value_of_side.side = 'salesforce' THEN value_of_side.value
                ELSE coalesce(owner_match.counterpart_id, 'hubspot:' || value_of_side.value)
            END
        WHEN 'employees' THEN
            CASE
                WHEN value_of_side.side = 'hubspot' THEN trim(value_of_side.value)
                ELSE employee_range.option
            END
        ELSE trim(value_of_side.value)
    END AS norm
FROM value_of_side
LEFT JOIN owner_match
    ON value_of_side.compare = 'owner' AND value_of_side.side = owner_match.system AND value_of_side.value = owner_match.owner_id
LEFT JOIN employee_range
    ON
        value_of_side.compare = 'employees' AND value_of_side.side = 'salesforce'
        AND try_cast(value_of_side.value AS DOUBLE) >= employee_range.lowest
        AND try_cast(value_of_side.value AS DOUBLE) < coalesce(employee_range.highest + 1, 1e18)
