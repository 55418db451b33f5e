-- Every scored pair with its strongest tier and what keeps it from merging. Grain: a pair (a, b).
-- Nobody is joined against both names (T1), against either name (T2), or by what a household or an office shares (T3).
WITH
tiered AS (
    SELECT a, b, arg_min(tier, (place, rule)) AS tier, arg_min(rule, (place, rule)) AS rule
    FROM (
        SELECT a, b, tier, rule, CASE tier WHEN 'must_link' THEN 0 WHEN 'T0' THEN 1 WHEN 'T1' THEN 2 ELSE 3 END AS place
        FROM tier_edge
    ) AS ranked
    GROUP BY a, b
)

SELECT
    scored.a,
    scored.b,
    scored.weight,
    CASE WHEN tiered.tier IS NOT NULL THEN tiered.tier WHEN scored.weight >= level.link THEN 'T3' END AS tier,
    coalesce(tiered.rule, 'likeness') AS rule,
    CASE
        WHEN tiered.tier IN ('must_link', 'T0') THEN NULL
        WHEN tiered.tier = 'T1' AND scored.g_first = 6 AND scored.g_last = 5 THEN 'name_veto'
        WHEN tiered.tier = 'T1' AND level.entity = 'company' AND scored.g_company = 4 AND scored.weight < level.link THEN 'name_veto'
        WHEN tiered.tier = 'T2' AND (scored.g_first = 6 OR scored.g_last = 5) THEN 'name_veto'
        WHEN tiered.tier IS NOT NULL THEN NULL
        WHEN
            level.entity = 'person'
            AND scored.g_first NOT IN (1, 2, 3, 4, 5, 7)
            AND scored.g_email NOT IN (1, 2)
            AND NOT (scored.g_dob IN (1, 2, 3) AND (scored.g_first = 0 OR scored.weight >= level.link + 3.5))
            AND scored.g_gid NOT IN (1, 2)
            THEN 'household'
        WHEN
            level.entity = 'person'
            AND scored.g_last = 5
            AND scored.g_email NOT IN (1, 2)
            AND scored.g_dob NOT IN (1, 2, 3)
            AND scored.g_gid NOT IN (1, 2)
            AND scored.g_phone <> 1
            AND scored.g_street NOT IN (1, 2)
            THEN 'colleague'
    END AS guard,
    scored.* EXCLUDE (a, b, weight)
FROM scored
CROSS JOIN level
LEFT JOIN tiered ON scored.a = tiered.a AND scored.b = tiered.b
WHERE tiered.tier IS NOT NULL OR scored.weight >= level.review
