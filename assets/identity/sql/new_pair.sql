-- Pairs judged or settled tonight that the night before did not leave just so. Grain: a pair (a, b).
SELECT fresh_pair.*
FROM fresh_pair
ANTI JOIN pair_version AS before
    ON
        fresh_pair.a = before.a
        AND fresh_pair.b = before.b
        AND fresh_pair.tier = before.tier
        AND fresh_pair.rule = before.rule
        AND fresh_pair.zone = before.zone
        AND fresh_pair.guard IS NOT DISTINCT FROM before.guard
        AND fresh_pair.weight = before.weight
        AND fresh_pair.evidence = before.evidence
