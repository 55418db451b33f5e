-- Pairs that are joined by name: by a person's word or by an id that a CRM stores. Grain: a, b, tier, rule (a < b).
WITH named AS (
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, 'must_link' AS tier, 'override' AS rule
    FROM must_link
    INNER JOIN base AS x ON must_link.x = x.record
    INNER JOIN base AS y ON must_link.y = y.record
    UNION ALL
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, 'T0' AS tier, stored.rule
    FROM stored
    INNER JOIN base AS x ON stored.x = x.record
    INNER JOIN base AS y ON stored.y = y.record
)

SELECT DISTINCT a, b, tier, rule FROM named
WHERE a <> b
