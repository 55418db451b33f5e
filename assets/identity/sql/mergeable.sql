-- Raw fields of the records that are not alone in their entity and object: what a merge would be of. Grain: a record.
SELECT *
FROM surviving
QUALIFY count(*) OVER (PARTITION BY entity_id, source) > 1
