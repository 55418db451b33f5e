-- The cluster of every record of `base`, alone or not. Grain: one row a record (r).
SELECT
    base.r,
    coalesce(cut.cluster, component.component, base.r) AS cluster
FROM base
LEFT JOIN component ON base.r = component.r
LEFT JOIN cut ON base.r = cut.r
