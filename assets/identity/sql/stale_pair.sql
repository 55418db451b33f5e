-- Pairs inside entities that are made anew. Grain: a pair (a, b).
SELECT pair.*
FROM identity_pair AS pair
SEMI JOIN stale_member AS x ON pair.a = x.record
SEMI JOIN stale_member AS y ON pair.b = y.record
WHERE pair.zone = 'merge'
