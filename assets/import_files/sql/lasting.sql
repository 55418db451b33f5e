-- One row per operation that no file can take back, with why. Grain: system, object, op, record_id or link.
SELECT
    system AS target,
    object,
    op AS operation,
    record_id,
    link,
    CASE op WHEN 'create' THEN 'created_record' ELSE 'archived_record' END AS code
FROM loaded
WHERE op IN ('create', 'delete')
ORDER BY ALL
