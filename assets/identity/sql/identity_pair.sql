-- All pairs of the night: judged tonight, settled otherwise tonight, and as the night before left them. Grain: a pair (a, b).
SELECT * FROM fresh_pair
UNION ALL BY NAME
SELECT pair.*
FROM pair_version AS pair
SEMI JOIN known_pair ON pair.a = known_pair.a AND pair.b = known_pair.b
ANTI JOIN left_pair ON pair.a = left_pair.a AND pair.b = left_pair.b
