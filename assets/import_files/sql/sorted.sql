-- One row per operation that goes into a file, in file order. Grain: as packaged; `rank` numbers the packages.
SELECT
    p.rank,
    o.identifier,
    o.is_doubled,
    o.record_id,
    o.key,
    o.link,
    o.since,
    o.sequence,
    o.changes
FROM packaged AS o
INNER JOIN package_rank AS p
    ON o.target = p.target AND o.object = p.object AND o.operation = p.operation AND o.variant = p.variant
ORDER BY p.rank, o.identifier, o.key, o.record_id, o.link, o.since, o.sequence
