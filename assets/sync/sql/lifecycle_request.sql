-- core/sync/lifecycle_request: one row per request of a bulk update that ran tonight, and why it comes to nothing where it does. Those of a
-- continuous update that ask for the stage which the record has are left out. Grain: update_id, line, record_id, code.
WITH told AS (
    SELECT
        request.update_no,
        request.line,
        request.record_id,
        coalesce(
            request.code,
            CASE WHEN request.said IS NULL THEN 'stage_blank' END,
            stage.code
        ) AS code,
        coalesce(stage.is_same AND stage.code IS NULL, FALSE) AS is_same
    FROM update_request AS request
    LEFT JOIN update_stage AS stage
        ON
            request.update_no = stage.update_no AND request.object = stage.object AND request.pair_id = stage.pair_id
            AND request.line IS NOT DISTINCT FROM stage.line
    UNION ALL
    SELECT update_no, line, hubspot_id AS record_id, code || ': ' || property AS code, FALSE AS is_same
    FROM update_value
    WHERE code IS NOT NULL
    UNION ALL
    SELECT update_no, line, CAST(NULL AS VARCHAR) AS record_id, 'unknown_property: ' || property AS code, FALSE AS is_same
    FROM unknown_column
    UNION ALL
    -- An update that runs once has run, also where it meets nobody.
    SELECT
        stage_update.update_no,
        CAST(NULL AS BIGINT) AS line,
        CAST(NULL AS VARCHAR) AS record_id,
        'nobody_enrolled' AS code,
        FALSE AS is_same
    FROM stage_update
    ANTI JOIN update_request AS request ON stage_update.update_no = request.update_no
    WHERE NOT stage_update.is_continuous
)

SELECT DISTINCT
    stage_update.update_id,
    stage_update.path,
    CASE stage_update.object WHEN 'person' THEN 'contact' ELSE stage_update.object END AS object,
    told.line,
    told.record_id,
    told.code
FROM told
INNER JOIN stage_update ON told.update_no = stage_update.update_no
WHERE NOT (told.is_same AND stage_update.is_continuous)
