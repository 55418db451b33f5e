-- How a value is compared, one expression a kind of comparison (P2-28, P2-34, P2-3A); `assets.sync.values` grafts them onto the mapped
-- columns by their names. A value that cannot be read as its kind keeps its own text: it equals nothing else and is refused when
-- it is written. Owners are looked up afterwards; a number of employees becomes its range (P1-27). Grain: one row a cell.
SELECT
    trim(value) AS text,
    lower(trim(value)) AS email,
    CASE WHEN lower(trim(value)) IN ('true', 'yes', '1') THEN 'true' END AS opt_out,
    CASE
        WHEN lower(trim(value)) IN ('true', 'yes', 'y', 'on', '1') THEN 'true'
        WHEN lower(trim(value)) IN ('false', 'no', 'n', 'off', '0') THEN 'false'
        ELSE trim(value)
    END AS bool,
    CASE
        WHEN try_cast(trim(value) AS DOUBLE) IS NULL THEN trim(value)
        WHEN try_cast(trim(value) AS DOUBLE) = trunc(try_cast(trim(value) AS DOUBLE)) AND abs(try_cast(trim(value) AS DOUBLE)) < 1e15
            THEN CAST(CAST(try_cast(trim(value) AS DOUBLE) AS BIGINT) AS VARCHAR)
        -- In full, as both CRMs want it: 0.00005 and not 5e-05, 10000000000000000 and not 1e+16.
        WHEN try_cast(trim(value) AS DOUBLE) = trunc(try_cast(trim(value) AS DOUBLE)) AND abs(try_cast(trim(value) AS DOUBLE)) < 1e37
            THEN CAST(CAST(try_cast(trim(value) AS DOUBLE) AS DECIMAL(38, 0)) AS VARCHAR)
        WHEN abs(try_cast(trim(value) AS DOUBLE)) BETWEEN 1e-17 AND 0.0001
            THEN regexp_replace(CAST(CAST(try_cast(trim(value) AS DOUBLE) AS DECIMAL(38, 18)) AS VARCHAR), '0+$', '')
        ELSE CAST(try_cast(trim(value) AS DOUBLE) AS VARCHAR)
    END AS number,
    coalesce(CAST(try_cast(left(trim(value), 10) AS DATE) AS VARCHAR), trim(value)) AS date,
    coalesce(strftime(try_cast(trim(value) AS TIMESTAMPTZ), '%Y-%m-%dT%H:%M:%S.%gZ'), trim(value)) AS datetime,
    nullif(
        array_to_string(
            list_sort(list_distinct(list_filter(list_transform(string_split(value, ';'), lambda x: trim(x)), lambda x: x <> ''))), ';'
        ),
        ''
    ) AS set,
    trim(value) AS owner,
    trim(value) AS employees
FROM cell
