-- The cluster of every live record that was clustered tonight. Grain: a record.
SELECT base.record, cluster.cluster
FROM cluster
INNER JOIN base ON cluster.r = base.r
WHERE base.live
