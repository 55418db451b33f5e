-- One row per operation that goes into a file, in file order. Grain: as packaged; `rank` numbers the packages.
SELECT
    p.rank,
    CASE WHEN d.identifier IS NULL THEN o.identifier END AS identifier,
    d.identifier IS NOT NULL AS is_doubled,
    o.record_id,
    o.link,
    o.changes
FROM packaged AS o
INNER JOIN package_rank AS p
    ON o.target = p.target AND o.object = p.object AND o.operation = p.operation AND o.variant = p.variant
LEFT JOIN doubled_key AS d
    ON
        o.operation = 'create' AND o.target = d.target AND o.object = d.object AND o.variant = d.variant
        AND o.identifier = d.identifier
ORDER BY p.rank, identifier, o.key, o.record_id, o.link, o.since, o.sequence
