-- All pairs of the night: judged tonight, settled otherwise tonight, and as the night before left them. Grain: a pair (a, b).
SELECT * FROM fresh_pair
UNION ALL BY NAME
SELECT pair.*
FROM known_pair AS pair
ANTI JOIN left_pair ON pair.a = left_pair.a AND pair.b = left_pair.b
