-- One row per record and further column of a stage file that would change something, in HubSpot's own form; `code` leaves it out. The
-- last value of each column counts, a blank erases nothing, nor do semicolons alone, and a leading semicolon adds to the options that are
-- there (P2-9D, P2-98, P2-99). Grain: object, pair_id, property.
WITH last_value AS (
    SELECT
        request.object,
        request.pair_id,
        request.hubspot_id,
        cell.update_no,
        cell.line,
        cell.property,
        cell.kind,
        cell.is_writable,
        cell.value,
        cell.norm
    FROM update_norm AS cell
    INNER JOIN update_request AS request ON cell.update_no = request.update_no AND cell.line = request.line AND request.code IS NULL
    WHERE cell.norm IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY request.object, request.pair_id, cell.property ORDER BY cell.update_no DESC, cell.line DESC) = 1
),

-- The parts of a value that has options, each as the option that it is.
word AS (
    SELECT object, pair_id, property, trim(unnest(CASE WHEN kind = 'set' THEN string_split(value, ';') ELSE [value] END)) AS part
    FROM last_value
),

part AS (
    SELECT
        chosen.object,
        chosen.pair_id,
        chosen.property,
        chosen.part,
        min(coalesce(by_value.option, by_label.option)) AS option
    FROM word AS chosen
    SEMI JOIN update_option AS known ON chosen.object = known.object AND chosen.property = known.property
    LEFT JOIN update_option AS by_value
        ON chosen.object = by_value.object AND chosen.property = by_value.property AND chosen.part = by_value.option
    LEFT JOIN update_option AS by_label
        ON chosen.object = by_label.object AND chosen.property = by_label.property AND lower(chosen.part) = lower(by_label.label)
    WHERE chosen.part <> ''
    GROUP BY chosen.object, chosen.pair_id, chosen.property, chosen.part
),

chosen_option AS (
    SELECT
        object,
        pair_id,
        property,
        array_to_string(list_sort(list(DISTINCT option)), ';') AS options,
        bool_or(option IS NULL) AS is_unknown
    FROM part
    GROUP BY object, pair_id, property
),

formed AS (
    SELECT
        last_value.*,
        chosen_option.is_unknown,
        present.value AS before,
        present.norm AS present_norm,
        CASE
            WHEN last_value.kind = 'set' AND starts_with(trim(last_value.value), ';') AND present.norm <> ''
                THEN array_to_string(
                    list_sort(list_distinct(string_split(present.norm || ';' || coalesce(chosen_option.options, last_value.norm), ';'))), ';'
                )
            WHEN chosen_option.pair_id IS NOT NULL THEN chosen_option.options
            WHEN last_value.kind = 'datetime' AND last_value.norm = last_value.value AND try_cast(last_value.value AS DATE) IS NOT NULL
                THEN strftime(try_cast(last_value.value AS TIMESTAMPTZ), '%Y-%m-%dT%H:%M:%S.%gZ')
            ELSE last_value.norm
        END AS after
    FROM last_value
    LEFT JOIN chosen_option
        ON
            last_value.object = chosen_option.object AND last_value.pair_id = chosen_option.pair_id
            AND last_value.property = chosen_option.property
    LEFT JOIN update_present AS present
        ON last_value.object = present.object AND last_value.hubspot_id = present.record_id AND last_value.property = present.property
)

SELECT
    formed.object,
    formed.pair_id,
    formed.hubspot_id,
    formed.update_no,
    formed.line,
    formed.property,
    formed.before,
    formed.after,
    CASE
        WHEN held.pair_id IS NOT NULL THEN 'held_back'
        WHEN NOT formed.is_writable THEN 'read_only_property'
        WHEN formed.is_unknown AND formed.property = 'hubspot_owner_id' THEN 'owner_not_found'
        WHEN formed.is_unknown THEN 'invalid_enumeration_option'
        WHEN
            formed.kind = 'number'
            AND coalesce(abs(try_cast(regexp_extract(formed.after, '^[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?$') AS DOUBLE)), 1e308) >= 1e308
            THEN 'invalid_format'
        WHEN formed.kind = 'bool' AND formed.after NOT IN ('true', 'false') THEN 'invalid_format'
        WHEN formed.kind = 'date' AND try_cast(formed.after AS DATE) IS NULL THEN 'invalid_format'
        WHEN formed.kind = 'datetime' AND try_cast(formed.after AS TIMESTAMPTZ) IS NULL THEN 'invalid_format'
    END AS code
FROM formed
LEFT JOIN named_pair AS held
    ON formed.object = held.object AND formed.pair_id = held.pair_id AND held.purpose = 'hold_back' AND held.field = lower(formed.property)
WHERE formed.after IS DISTINCT FROM formed.present_norm OR formed.is_unknown
