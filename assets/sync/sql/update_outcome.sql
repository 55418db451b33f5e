-- One row per pair that a bulk update changes or says something of. Grain: object, pair_id.
WITH said AS (
    SELECT object, pair_id, code AS warning
    FROM update_stage
    WHERE code IS NOT NULL AND code <> 'doubled_row'
    UNION
    SELECT object, pair_id, code || ': ' || property AS warning
    FROM update_value
    WHERE code IS NOT NULL
),

changed AS (
    SELECT object, pair_id, count(*) AS fields
    FROM update_field
    GROUP BY object, pair_id
),

warned AS (
    SELECT object, pair_id, list(warning) AS warnings
    FROM said
    GROUP BY object, pair_id
)

SELECT
    coalesce(changed.object, warned.object) AS object,
    coalesce(changed.pair_id, warned.pair_id) AS pair_id,
    coalesce(changed.fields, 0) AS fields,
    coalesce(warned.warnings, CAST([] AS VARCHAR[])) AS warnings
FROM changed
FULL JOIN warned ON changed.object = warned.object AND changed.pair_id = warned.pair_id
