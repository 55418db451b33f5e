-- One row per external id that several records would be created under: neither can be told from the other (P2-B8).
-- Grain: object, identifier.
SELECT
    object,
    identifier
FROM operation
WHERE target = 'salesforce' AND operation = 'create' AND identifier IS NOT NULL
GROUP BY object, identifier
HAVING count(*) > 1
