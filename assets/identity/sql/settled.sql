-- What became of the pairs of the night: whether clustering took them, and what stopped them. Grain: a pair (a, b), a < b.
-- `clustered` is false where an end was not clustered tonight: such a pair joins nobody, or stands as the night before left it.
SELECT
    pair.a,
    pair.b,
    x.r IS NOT NULL AND y.r IS NOT NULL AS clustered,
    CASE WHEN pair.tier IS NOT NULL AND pair.guard IS NULL AND x.cluster = y.cluster THEN 'merge' ELSE 'review' END AS zone,
    CASE
        WHEN pair.guard IS NOT NULL THEN pair.guard
        WHEN pair.tier IS NULL OR x.cluster = y.cluster THEN NULL
        ELSE coalesce(refused_why.why, 'size')
    END AS guard
FROM judged_pair AS pair
LEFT JOIN cluster AS x ON pair.a = x.r
LEFT JOIN cluster AS y ON pair.b = y.r
LEFT JOIN refused_why ON pair.a = refused_why.a AND pair.b = refused_why.b
