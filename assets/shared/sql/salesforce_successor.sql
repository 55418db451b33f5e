-- One row per Salesforce record that lives on as another one: a converted lead as its contact (P2-2C), a merged record as
-- its master (P2-46). Chains are followed to their end. Grain: from_id.
WITH RECURSIVE step AS (
    SELECT Id AS from_id, ConvertedContactId AS to_id, 'conversion' AS how
    FROM staged__salesforce__lead
    WHERE IsConverted AND ConvertedContactId IS NOT NULL
    UNION ALL
    SELECT Id AS from_id, merged_into AS to_id, 'merge' AS how
    FROM staged__salesforce__lead
    WHERE op = 'merge' AND NOT coalesce(IsConverted AND ConvertedContactId IS NOT NULL, FALSE)
    UNION ALL
    SELECT Id AS from_id, merged_into AS to_id, 'merge' AS how
    FROM staged__salesforce__contact
    WHERE op = 'merge'
    UNION ALL
    SELECT Id AS from_id, merged_into AS to_id, 'merge' AS how
    FROM staged__salesforce__account
    WHERE op = 'merge'
),

walk AS (
    SELECT from_id, to_id, how, 1 AS depth
    FROM step
    UNION ALL
    SELECT walk.from_id, step.to_id, walk.how, walk.depth + 1 AS depth
    FROM walk
    INNER JOIN step ON walk.to_id = step.from_id
    WHERE walk.depth < 20
)

SELECT from_id, to_id, how
FROM walk
WHERE from_id <> to_id
QUALIFY row_number() OVER (PARTITION BY from_id ORDER BY depth DESC) = 1
