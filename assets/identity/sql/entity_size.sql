-- How many entities have how many live records. Grain: a size.
SELECT size, count(*) AS entities
FROM (
    SELECT count(*) AS size
    FROM entity_now
    GROUP BY entity_id
) AS entity
GROUP BY size
ORDER BY size
