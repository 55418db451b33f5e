-- What became of the pairs of the night: whether clustering took them, and what stopped them. Grain: a pair (a, b), a < b.
-- A pair of which an end was not clustered tonight joins nobody, or stands as the night before left it. `moved` is one of that night
-- of which something else became tonight.
WITH told AS (
    SELECT
        pair.*,
        x.r IS NOT NULL AND y.r IS NOT NULL AS clustered,
        CASE WHEN pair.tier IS NOT NULL AND pair.guard IS NULL AND x.cluster = y.cluster THEN 'merge' ELSE 'review' END AS zone_now,
        CASE
            WHEN pair.guard IS NOT NULL THEN pair.guard
            WHEN pair.tier IS NULL OR x.cluster = y.cluster THEN NULL
            ELSE coalesce(refused_why.why, 'size')
        END AS guard_now
    FROM judged_pair AS pair
    LEFT JOIN cluster AS x ON pair.a = x.r
    LEFT JOIN cluster AS y ON pair.b = y.r
    LEFT JOIN refused_why ON pair.a = refused_why.a AND pair.b = refused_why.b
)

SELECT
    a,
    b,
    weight,
    coalesce(tier, 'T3') AS tier,
    CASE WHEN carried AND NOT clustered THEN zone_before ELSE zone_now END AS zone,
    CASE WHEN carried AND NOT clustered THEN guard_before ELSE guard_now END AS guard,
    carried AND clustered AND (zone_now <> zone_before OR guard_now IS DISTINCT FROM guard_before) AS moved
FROM told
