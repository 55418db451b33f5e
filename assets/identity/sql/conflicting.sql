-- Components that break a constraint: two records that must stay apart, or too many records. Grain: one row a component.
SELECT component
FROM component
GROUP BY component
HAVING count(*) > (SELECT largest FROM cluster_limit)
UNION
SELECT x.component
FROM apart
INNER JOIN component AS x ON apart.a = x.r
INNER JOIN component AS y ON apart.b = y.r
WHERE x.component = y.component
