-- One row per key under which several records would be made, or one that another record has already: a file would write over what it
-- finds by it (P2-B8, P2-2H). Case is ignored, as both CRMs do but for fields that are described otherwise. Domains are not among them:
-- companies that share one go by the batch API. Grain: target, object, variant, identifier.
WITH made AS (
    SELECT
        operation.target,
        operation.object,
        operation.variant,
        operation.identifier,
        CASE WHEN list_contains(setting.case_sensitive, operation.object) THEN operation.identifier ELSE lower(operation.identifier) END AS found_by
    FROM operation
    CROSS JOIN setting
    WHERE
        operation.operation = 'create' AND operation.identifier IS NOT NULL
        AND (operation.target = 'salesforce' OR operation.variant = 'by-unique')
),

taken AS (
    SELECT
        taken_key.target,
        taken_key.object,
        CASE WHEN list_contains(setting.case_sensitive, taken_key.object) THEN taken_key.identifier ELSE lower(taken_key.identifier) END AS found_by
    FROM taken_key
    CROSS JOIN setting
)

SELECT target, object, variant, identifier
FROM made
QUALIFY count(*) OVER (PARTITION BY target, object, variant, found_by) > 1
UNION
SELECT made.target, made.object, made.variant, made.identifier
FROM made
SEMI JOIN taken ON made.target = taken.target AND made.object = taken.object AND made.found_by = taken.found_by
