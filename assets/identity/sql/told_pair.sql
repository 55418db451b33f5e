-- Pairs among the records of two entities. Grain: a pair (a, b).
SELECT pair.*
FROM core__identity__pair AS pair
SEMI JOIN told_member AS x ON pair.a = x.record
SEMI JOIN told_member AS y ON pair.b = y.record
WHERE NOT pair.gone
