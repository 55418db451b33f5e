-- One row per key under which several records would be made, or one that another record has already: a file would write over what it
-- finds by it (P2-B8, P2-2H). Domains are not among them: companies that share one go by the batch API. Grain: target, object, variant, identifier.
WITH made AS (
    SELECT target, object, variant, identifier
    FROM operation
    WHERE operation = 'create' AND identifier IS NOT NULL AND (target = 'salesforce' OR variant = 'by-unique')
)

SELECT target, object, variant, identifier
FROM made
GROUP BY target, object, variant, identifier
HAVING count(*) > 1
UNION
SELECT made.target, made.object, made.variant, made.identifier
FROM made
SEMI JOIN taken_key ON made.target = taken_key.target AND made.object = taken_key.object AND made.identifier = taken_key.identifier
