-- Every judged pair by the names of its records, and whether clustering took it. Grain: a pair (a, b), a < b by name.
SELECT
    level.entity,
    least(x.record, y.record) AS a,
    greatest(x.record, y.record) AS b,
    coalesce(judged.tier, 'T3') AS tier,
    judged.rule,
    judged.weight,
    CASE WHEN judged.tier IS NOT NULL AND judged.guard IS NULL AND cx.cluster = cy.cluster THEN 'merge' ELSE 'review' END AS zone,
    CASE
        WHEN judged.guard IS NOT NULL THEN judged.guard
        WHEN judged.tier IS NULL OR cx.cluster = cy.cluster THEN NULL
        ELSE coalesce(held.why, 'size')
    END AS guard,
    judged.* EXCLUDE (a, b, tier, rule, weight, guard)
FROM judged
CROSS JOIN level
INNER JOIN base AS x ON judged.a = x.r
INNER JOIN base AS y ON judged.b = y.r
INNER JOIN cluster AS cx ON judged.a = cx.r
INNER JOIN cluster AS cy ON judged.b = cy.r
LEFT JOIN refused_why AS held ON judged.a = held.a AND judged.b = held.b
