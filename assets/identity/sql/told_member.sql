-- Records of the entities that two records belong to. Grain: a record.
SELECT member.record, member.entity_id
FROM core__identity__cluster AS member
SEMI JOIN (
    SELECT cluster.entity_id
    FROM core__identity__cluster AS cluster
    SEMI JOIN end_given ON cluster.record = end_given.record
    WHERE NOT cluster.gone
) AS of_end ON member.entity_id = of_end.entity_id
WHERE NOT member.gone
