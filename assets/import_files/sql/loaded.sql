-- One row per operation that is in the night's files. Grain: as out/delta/*.
SELECT d.*
FROM night_delta AS d
ANTI JOIN held_package AS p
    ON d.system = p.target AND d.object = p.object AND d.op = p.operation
ANTI JOIN held_operation AS h
    ON
        d.system = h.target
        AND d.object = h.object
        AND d.op = h.operation
        AND coalesce(d.record_id, '') = coalesce(h.record_id, '')
        AND coalesce(d.link, '') = coalesce(h.link, '')
