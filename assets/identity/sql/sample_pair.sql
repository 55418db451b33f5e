-- Every so many of the candidate pairs, to learn from. Grain: a pair (a, b), a < b.
SELECT pair.a, pair.b, pair.rules
FROM pair
CROSS JOIN thin
WHERE ((pair.a * 2654435761 + pair.b * 40503) % 1000003) % thin.thin = 0
