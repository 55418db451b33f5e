-- Pairs of the night before that stand: both records are still there and neither is compared anew. Grain: a, b (a < b).
-- Tier and guard are those of the pair by itself, `zone_before` and `guard_before` what clustering made of it.
SELECT
    x.r AS a,
    y.r AS b,
    pair.weight,
    CASE WHEN pair.rule = 'likeness' AND pair.weight < level.link THEN NULL ELSE pair.tier END AS tier,
    pair.rule,
    CASE WHEN pair.guard IN ('name_veto', 'household', 'colleague') THEN pair.guard END AS guard,
    pair.zone AS zone_before,
    pair.guard AS guard_before
FROM known_pair AS pair
CROSS JOIN level
INNER JOIN base AS x ON pair.a = x.record
INNER JOIN base AS y ON pair.b = y.record
ANTI JOIN rescored ON x.r = rescored.r
ANTI JOIN rescored AS too ON y.r = too.r
