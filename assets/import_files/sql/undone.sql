-- One row per operation that takes the night's operations back: the values before them. Grain: system, object, op, record_id.
-- A record with several operations goes back to what it was before the first. `steps_back`: the stage is cleared before it is
-- set, because HubSpot moves stages forward only (P2-62). Nobody's opt-out is taken back (P2-38). Creations and deletions are not here: sql/lasting.sql lists them.
WITH single AS (
    SELECT
        d.system,
        d.object,
        d.record_id,
        d.key,
        d.link,
        list_transform(
            list_filter(d.changes, lambda c: c.field NOT IN ('hs_email_optout', 'HasOptedOutOfEmail') OR c.before = 'true'),
            lambda c: struct_pack(
                field := c.field, before := c.after, after := c.before, rule := 'undo', because := c.because
            )
        ) AS changes
    FROM loaded AS d
    ANTI JOIN several AS s ON d.system = s.system AND d.object = s.object AND d.record_id = s.record_id
    WHERE d.op IN ('update', 'clear')
),

exploded AS (
    SELECT
        d.system,
        d.object,
        d.record_id,
        d.key,
        d.link,
        d.sequence,
        unnest(d.changes) AS c
    FROM loaded AS d
    SEMI JOIN several AS s ON d.system = s.system AND d.object = s.object AND d.record_id = s.record_id
    WHERE d.op IN ('update', 'clear')
),

field AS (
    SELECT
        system,
        object,
        record_id,
        max(key) AS key,
        max(link) AS link,
        c.field,
        arg_min_null(c.before, sequence) AS first_before,
        arg_max_null(c.after, sequence) AS last_after
    FROM exploded
    WHERE c.field NOT IN ('hs_email_optout', 'HasOptedOutOfEmail') OR c.before = 'true'
    GROUP BY system, object, record_id, c.field
),

joined AS (
    SELECT
        system,
        object,
        record_id,
        max(key) AS key,
        max(link) AS link,
        list(struct_pack(
            field := field, before := last_after, after := first_before, rule := 'undo', because := 'undo'
        ) ORDER BY field) AS changes
    FROM field
    GROUP BY system, object, record_id
),

restored AS (
    SELECT * FROM single
    UNION ALL BY NAME
    SELECT * FROM joined
)

SELECT
    r.system,
    r.object,
    'update' AS op,
    r.record_id,
    r.key,
    r.link,
    r.changes,
    2::BIGINT AS sequence,
    '' AS since,
    NULL::BOOLEAN AS marketing,
    r.system = 'hubspot'
    AND len(list_filter(r.changes, lambda c: c.field = 'lifecyclestage' AND c.after <> '' AND c.before <> '')) > 0 AS steps_back
FROM restored AS r
