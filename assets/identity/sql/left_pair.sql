-- Pairs of the night before that do not stand as they were: an end is compared anew or gone, or something else became of them.
-- Grain: a pair (a, b).
WITH away AS (
    SELECT base.record
    FROM base
    SEMI JOIN rescored ON base.r = rescored.r
    UNION ALL
    SELECT record FROM gone_key
)

SELECT pair.a, pair.b
FROM known_pair AS pair
SEMI JOIN away ON pair.a = away.record
UNION ALL
SELECT pair.a, pair.b
FROM known_pair AS pair
SEMI JOIN away ON pair.b = away.record
UNION ALL
SELECT a, b FROM moved_pair
