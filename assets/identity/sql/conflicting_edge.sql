-- Edges inside components that break a constraint. Grain: a pair; the strongest of several edges counts.
SELECT
    edge.a,
    edge.b,
    max(edge.strength) AS strength
FROM edge
INNER JOIN component ON edge.a = component.r
SEMI JOIN conflicting ON component.component = conflicting.component
GROUP BY edge.a, edge.b
