-- Pairs that must stay apart inside components that break a constraint. Grain: a pair.
SELECT DISTINCT
    apart.a,
    apart.b
FROM apart
INNER JOIN component ON apart.a = component.r
SEMI JOIN conflicting ON component.component = conflicting.component
