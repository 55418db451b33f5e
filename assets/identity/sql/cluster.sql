-- The cluster of every record that is clustered, alone or not. Grain: one row a record (r).
SELECT
    touched.r,
    coalesce(cut.cluster, component.component, touched.r) AS cluster
FROM touched
LEFT JOIN component ON touched.r = component.r
LEFT JOIN cut ON touched.r = cut.r
