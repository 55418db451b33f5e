-- All pairs of the night by themselves: judged tonight, and carried over from the night before. Grain: a, b (a < b).
SELECT a, b, weight, tier, rule, guard, FALSE AS carried, NULL AS zone_before, NULL AS guard_before
FROM judged
UNION ALL
SELECT a, b, weight, tier, rule, guard, TRUE AS carried, zone_before, guard_before
FROM carried_pair
