-- One row per living record: its key and its lifecycle stage once the night's own delta is loaded. Grain: record_id.
-- Records that the night deletes are left out.
WITH touched AS (
    SELECT
        d.record_id,
        bool_or(d.op = 'delete') AS is_deleted,
        arg_max(list_extract(list_filter(d.changes, lambda c: c.field = 'lifecyclestage'), 1).after, d.sequence) AS stage,
        bool_or(list_contains(list_transform(d.changes, lambda c: c.field), 'lifecyclestage')) AS has_stage
    FROM planned AS d
    INNER JOIN (SELECT DISTINCT object FROM staged_record) AS chosen ON d.object = chosen.object
    WHERE d.system = 'hubspot' AND d.record_id IS NOT NULL
    GROUP BY d.record_id
)

SELECT
    s.hs_object_id AS record_id,
    lower(trim(s.name)) AS key,
    CASE WHEN p.has_stage THEN p.stage ELSE nullif(s.lifecyclestage, '') END AS stage
FROM staged_record AS s
LEFT JOIN touched AS p ON s.hs_object_id = p.record_id
WHERE s.op = 'upsert' AND NOT coalesce(p.is_deleted, FALSE)
