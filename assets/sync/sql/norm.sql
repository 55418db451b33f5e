-- How a value is compared, one expression a kind of comparison (P2-28, P2-34, P2-3A); `assets.sync.values` grafts them onto the mapped
-- columns by their names. `value` has no white space at its ends. A value that cannot be read as its kind keeps its own text: it equals
-- nothing else and is refused when it is written. Owners are looked up afterwards; a number of employees becomes its range (P1-27).
-- Grain: one row a cell.
SELECT
    -- Salesforce ends the lines of a text area with CR LF, HubSpot with LF.
    CASE WHEN contains(value, chr(13)) THEN replace(replace(value, chr(13) || chr(10), chr(10)), chr(13), chr(10)) ELSE value END AS text,
    lower(value) AS email,
    CASE WHEN lower(value) IN ('true', 'yes', '1') THEN 'true' END AS opt_out,
    CASE
        WHEN lower(value) IN ('true', 'yes', 'y', 'on', '1') THEN 'true'
        WHEN lower(value) IN ('false', 'no', 'n', 'off', '0') THEN 'false'
        ELSE value
    END AS bool,
    CASE
        -- The engine reads an underscore as a mark of thousands, and two signs as the second: neither CRM does.
        WHEN try_cast(value AS DOUBLE) IS NULL OR NOT regexp_matches(value, '^[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?$') THEN value
        WHEN abs(try_cast(value AS DOUBLE)) >= 1e37 OR abs(try_cast(value AS DOUBLE)) < 1e-20 AND try_cast(value AS DOUBLE) <> 0
            THEN CAST(try_cast(value AS DOUBLE) AS VARCHAR)
        -- In full, as both CRMs want it, and with every digit, of which a double keeps fifteen: 0.00005 and not 5e-05,
        -- 123456789012345678 and not 123456789012345680.
        WHEN abs(try_cast(value AS DOUBLE)) >= 9e19
            THEN coalesce(CAST(try_cast(value AS DECIMAL(38, 0)) AS VARCHAR), CAST(try_cast(value AS DOUBLE) AS VARCHAR))
        WHEN length(value) > 16 OR abs(try_cast(value AS DOUBLE)) >= 1e15 OR abs(try_cast(value AS DOUBLE)) < 0.0001
            THEN
                coalesce(
                    regexp_replace(
                        coalesce(CAST(try_cast(value AS DECIMAL(38, 37)) AS VARCHAR), CAST(try_cast(value AS DECIMAL(38, 18)) AS VARCHAR)),
                        '\.?0+$',
                        ''
                    ),
                    CAST(try_cast(value AS DOUBLE) AS VARCHAR)
                )
        WHEN try_cast(value AS DOUBLE) = trunc(try_cast(value AS DOUBLE))
            THEN CAST(CAST(try_cast(value AS DOUBLE) AS BIGINT) AS VARCHAR)
        ELSE CAST(try_cast(value AS DOUBLE) AS VARCHAR)
    END AS number,
    -- Both also as milliseconds since 1970, as HubSpot's API has them (P2-98); eight digits would be a day's.
    coalesce(
        CAST(try_cast(left(value, 10) AS DATE) AS VARCHAR),
        CAST(DATE '1970-01-01' + CAST(floor(try_cast(regexp_extract(value, '^-?[0-9]{9,14}$') AS BIGINT) / 86400000) AS INTEGER) AS VARCHAR),
        value
    ) AS date,
    coalesce(
        strftime(try_cast(value AS TIMESTAMPTZ), '%Y-%m-%dT%H:%M:%S.%gZ'),
        strftime(
            TIMESTAMPTZ '1970-01-01 00:00:00+00'
            + INTERVAL '1' DAY * CAST(try_cast(regexp_extract(value, '^-?[0-9]{9,14}$') AS BIGINT) // 86400000 AS INTEGER)
            + INTERVAL '1' MILLISECOND * CAST(try_cast(regexp_extract(value, '^-?[0-9]{9,14}$') AS BIGINT) % 86400000 AS INTEGER),
            '%Y-%m-%dT%H:%M:%S.%gZ'
        ),
        value
    ) AS datetime,
    nullif(
        array_to_string(
            list_sort(list_distinct(list_filter(list_transform(string_split(value, ';'), lambda x: trim(x)), lambda x: x <> ''))), ';'
        ),
        ''
    ) AS set,
    value AS owner,
    value AS employees
FROM cell
