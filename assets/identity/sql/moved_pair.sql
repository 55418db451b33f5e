-- Pairs of the night before that nothing was compared anew for, and of which something else became tonight. Grain: a pair (a, b).
WITH moved AS (
    SELECT x.record AS a, y.record AS b, settled.zone, settled.guard
    FROM settled
    INNER JOIN base AS x ON settled.a = x.r
    INNER JOIN base AS y ON settled.b = y.r
    WHERE settled.moved
)

SELECT pair.* EXCLUDE (zone, guard), moved.zone, moved.guard
FROM pair_version AS pair
INNER JOIN moved ON pair.a = moved.a AND pair.b = moved.b
