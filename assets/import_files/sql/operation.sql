-- One row per operation that a file could carry, with the values it writes. Grain: target, object, operation, record_id or link.
-- `variant` tells apart what cannot be in one file: creates by marketing status (one request has one status, P2-94), companies
-- without a domain (an import needs an identifier, P1-67), and updates that set what is cleared first (P1-62, P2-62).
-- `identifier` is what the CRM finds the record by; each occurs once in a file (P2-9D, P2-B8).
WITH effective AS (
    SELECT
        d.system AS target,
        d.object,
        CASE WHEN d.system = 'salesforce' AND d.op = 'clear' THEN 'update' ELSE d.op END AS operation,
        d.record_id,
        d.key,
        d.link,
        d.since,
        d.sequence,
        d.marketing,
        CASE
            WHEN d.op = 'create' OR (d.system = 'hubspot' AND d.op = 'update')
                THEN list_filter(d.changes, lambda c: c.after <> '')
            ELSE d.changes
        END AS changes
    FROM delta AS d
    WHERE NOT (d.system = 'hubspot' AND d.op = 'clear')
    UNION ALL
    SELECT
        'hubspot' AS target,
        c.object,
        'clear' AS operation,
        c.record_id,
        NULL AS key,
        NULL AS link,
        NULL AS since,
        0 AS sequence,
        NULL AS marketing,
        list_transform(
            c.fields,
            lambda f: struct_pack(field := f, before := NULL, after := NULL, rule := NULL, because := NULL)
        ) AS changes
    FROM cleared AS c
),

named AS (
    SELECT
        e.target,
        e.object,
        e.operation,
        e.record_id,
        e.key,
        e.link,
        e.since,
        e.sequence,
        list_transform(e.changes, lambda c: struct_pack(field := c.field, "value" := nullif(c.after, ''))) AS changes,
        coalesce(e.marketing, FALSE) AND setting.may_promote AS is_marketing,
        setting.promotes,
        setting.has_external_id,
        CASE
            WHEN e.operation = 'create' AND e.target = 'hubspot'
                THEN lower(trim(coalesce(
                    list_extract(
                        list_filter(e.changes, lambda c: c.field = CASE e.object WHEN 'contact' THEN 'email' ELSE 'domain' END), 1
                    ).after,
                    CASE WHEN e.object = 'contact' OR regexp_full_match(e.key, '[^\s@/]+\.[^\s@/.]{2,}') THEN e.key END
                )))
        END AS found_by,
        cleared.fields AS cleared
    FROM effective AS e
    CROSS JOIN setting
    LEFT JOIN cleared
        ON e.target = 'hubspot' AND e.operation = 'update' AND e.object = cleared.object AND e.record_id = cleared.record_id
    WHERE e.operation IN ('create', 'delete') OR len(e.changes) > 0
)

SELECT
    n.target,
    n.object,
    n.operation,
    CASE
        WHEN n.target = 'hubspot' AND n.operation = 'create' AND coalesce(n.found_by, '') = '' THEN 'unnamed'
        WHEN n.target = 'hubspot' AND n.operation = 'create' AND n.object = 'contact'
            THEN CASE WHEN n.is_marketing OR n.promotes THEN 'marketing' ELSE '' END
        WHEN list_has_any(n.cleared, list_transform(n.changes, lambda c: c.field)) THEN 'after-clear'
        ELSE ''
    END AS variant,
    CASE
        WHEN n.operation <> 'create' THEN n.record_id
        WHEN n.target = 'hubspot' THEN n.found_by
        WHEN n.has_external_id THEN n.link
    END AS identifier,
    n.record_id,
    n.key,
    n.link,
    n.since,
    n.sequence,
    n.changes
FROM named AS n
