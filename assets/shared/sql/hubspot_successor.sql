-- One row per HubSpot record that was merged into another (P2-2A); chains are followed to their end. Grain: object, from_id.
WITH RECURSIVE step AS (
    SELECT 'person' AS object, hs_object_id AS from_id, merged_into AS to_id
    FROM staged__hubspot__contact
    WHERE op = 'merge'
    UNION ALL
    SELECT 'company' AS object, hs_object_id AS from_id, merged_into AS to_id
    FROM staged__hubspot__company
    WHERE op = 'merge'
),

walk AS (
    SELECT object, from_id, to_id, 1 AS depth
    FROM step
    UNION ALL
    SELECT walk.object, walk.from_id, step.to_id, walk.depth + 1 AS depth
    FROM walk
    INNER JOIN step ON walk.object = step.object AND walk.to_id = step.from_id
    WHERE walk.depth < 20
)

SELECT object, from_id, to_id
FROM walk
WHERE from_id <> to_id
QUALIFY row_number() OVER (PARTITION BY object, from_id ORDER BY depth DESC) = 1
