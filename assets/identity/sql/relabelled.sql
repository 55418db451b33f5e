-- Components after a round of hooking. Grain: one row a record with an edge.
SELECT
    component.r,
    coalesce(hooked.parent, component.component) AS component
FROM component LEFT JOIN hooked ON component.component = hooked.node
