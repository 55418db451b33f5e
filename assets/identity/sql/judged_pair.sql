-- All pairs of the night by themselves: judged tonight, and carried over from the night before. Grain: a, b (a < b).
SELECT a, b, weight, tier, rule, guard FROM judged
UNION ALL
SELECT a, b, weight, tier, rule, guard FROM carried_pair
