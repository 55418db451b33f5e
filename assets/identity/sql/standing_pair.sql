-- Pairs of the night before that nothing was compared anew for, with what became of them tonight. Grain: a pair (a, b) by name.
SELECT
    pair.* EXCLUDE (zone, guard),
    CASE WHEN settled.clustered THEN settled.zone ELSE pair.zone END AS zone,
    CASE WHEN settled.clustered THEN settled.guard ELSE pair.guard END AS guard
FROM known_pair AS pair
INNER JOIN base AS x ON pair.a = x.record
INNER JOIN base AS y ON pair.b = y.record
INNER JOIN carried_pair ON x.r = carried_pair.a AND y.r = carried_pair.b
INNER JOIN settled ON x.r = settled.a AND y.r = settled.b
