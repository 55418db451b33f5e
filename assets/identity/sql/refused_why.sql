-- Why clustering refused an edge: what keeps its two ends apart, directly or through the clusters they are in. Grain: a, b.
SELECT edge.a, edge.b, min(kept_apart.why) AS why
FROM edge
INNER JOIN cluster AS x ON edge.a = x.r
INNER JOIN cluster AS y ON edge.b = y.r
INNER JOIN cluster AS u ON x.cluster = u.cluster
INNER JOIN cluster AS v ON y.cluster = v.cluster
INNER JOIN kept_apart ON least(u.r, v.r) = kept_apart.a AND greatest(u.r, v.r) = kept_apart.b
WHERE x.cluster <> y.cluster
GROUP BY edge.a, edge.b
