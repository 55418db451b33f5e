-- Every node with an open edge hooks onto its smallest neighbour, or stays its own root. Grain: one row a node.
SELECT
    node,
    least(node, min(other)) AS parent
FROM (SELECT
    a AS node,
    b AS other
FROM open_edge
UNION ALL
SELECT
    b,
    a
FROM open_edge) AS both_ways
GROUP BY node
