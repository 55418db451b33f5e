-- One row per operation that is in the night's files. Grain: as out/delta/*.
SELECT d.*
FROM night_delta AS d
WHERE
    NOT EXISTS (
        SELECT 1
        FROM held_operation AS h
        WHERE
            h.target = d.system
            AND h.object = d.object
            AND h.operation = d.op
            AND h.record_id IS NOT DISTINCT FROM d.record_id
            AND h.link IS NOT DISTINCT FROM d.link
    )
    AND NOT EXISTS (
        SELECT 1
        FROM held_package AS p
        WHERE p.target = d.system AND p.object = d.object AND p.operation = d.op
    )
