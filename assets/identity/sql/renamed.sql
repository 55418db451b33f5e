-- Records whose pairs by name (a person's word, stored ids) are not those of the night before. Grain: one row a record (r).
WITH
now AS (
    SELECT x.record AS a, y.record AS b, strongest.tier || '/' || strongest.rule AS told
    FROM strongest_named AS strongest
    INNER JOIN base AS x ON strongest.a = x.r
    INNER JOIN base AS y ON strongest.b = y.r
),

before AS (
    SELECT a, b, tier || '/' || rule AS told FROM known_pair
    WHERE tier IN ('must_link', 'T0')
),

different AS (
    SELECT coalesce(now.a, before.a) AS a, coalesce(now.b, before.b) AS b
    FROM now
    FULL OUTER JOIN before ON now.a = before.a AND now.b = before.b
    WHERE now.told IS DISTINCT FROM before.told
)

SELECT base.r FROM base INNER JOIN different ON base.record = different.a
UNION
SELECT base.r FROM base INNER JOIN different ON base.record = different.b
