-- One row per operation of one package. Grain: target, object, operation, variant, record_id or link, sequence.
-- Clears are operations of their own, and what sets a cleared field again waits for them in a package of its own (P1-62, P2-62).
SELECT
    o.target,
    o.object,
    o.operation,
    CASE
        WHEN c.fields IS NULL THEN o.variant
        WHEN list_has_any(c.fields, list_transform(o.changes, lambda x: x.field)) THEN 'after-clear'
        ELSE o.variant
    END AS variant,
    o.identifier,
    o.record_id,
    o.key,
    o.link,
    o.since,
    o.sequence,
    o.changes
FROM operation AS o
LEFT JOIN cleared AS c
    ON o.target = 'hubspot' AND o.operation = 'update' AND o.object = c.object AND o.record_id = c.record_id
WHERE o.operation IN ('create', 'delete') OR (o.operation = 'update' AND len(o.changes) > 0)
UNION ALL
SELECT
    'hubspot' AS target,
    c.object,
    'clear' AS operation,
    '' AS variant,
    c.record_id AS identifier,
    c.record_id,
    NULL AS key,
    NULL AS link,
    '' AS since,
    0 AS sequence,
    list_transform(c.fields, lambda f: struct_pack(field := f, "value" := NULL::VARCHAR)) AS changes
FROM cleared AS c
