-- Pairs that a deterministic tier would join and that are compared tonight. Grain: a, b, tier, rule (a < b).
WITH exact AS (
    SELECT least(x.r, y.r) AS a, greatest(x.r, y.r) AS b, x.tier, x.kind AS rule
    FROM (SELECT address.* FROM address SEMI JOIN rescored ON address.r = rescored.r) AS x
    INNER JOIN address AS y ON x.kind = y.kind AND x.value = y.value AND x.r <> y.r
    INNER JOIN shared_key ON x.kind = shared_key.kind AND x.value = shared_key.value
    WHERE shared_key.open
)

SELECT DISTINCT a, b, tier, rule FROM exact
UNION ALL
SELECT a, b, tier, rule FROM named_edge
WHERE a IN (SELECT r FROM rescored) OR b IN (SELECT r FROM rescored)
