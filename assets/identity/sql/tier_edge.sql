-- Pairs that a deterministic tier would join. Grain: a, b, tier, rule (a < b).
-- A role inbox, an address with three or more names behind it, and one that too many records share, join nobody.
WITH
named AS (
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, 'must_link' AS tier, 'override' AS rule
    FROM must_link
    INNER JOIN base AS x ON must_link.x = x.record
    INNER JOIN base AS y ON must_link.y = y.record
    UNION ALL
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, 'T0' AS tier, stored.rule
    FROM stored
    INNER JOIN base AS x ON stored.x = x.record
    INNER JOIN base AS y ON stored.y = y.record
),

exact AS (
    SELECT x.r AS a, y.r AS b, x.tier, x.kind AS rule
    FROM address AS x
    INNER JOIN address AS y ON x.kind = y.kind AND x.value = y.value AND x.r < y.r
    INNER JOIN shared_key ON x.kind = shared_key.kind AND x.value = shared_key.value
    WHERE NOT shared_key.role AND shared_key.names < 3 AND shared_key.records <= 50
)

SELECT DISTINCT a, b, tier, rule FROM named
WHERE a <> b
UNION
SELECT DISTINCT a, b, tier, rule FROM exact
