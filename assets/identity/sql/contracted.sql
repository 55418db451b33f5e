-- Edges between components that are still different. Grain: a pair of roots.
SELECT DISTINCT
    x.parent AS a,
    y.parent AS b
FROM open_edge INNER JOIN hooked AS x ON open_edge.a = x.node INNER JOIN hooked AS y ON open_edge.b = y.node
WHERE x.parent <> y.parent
