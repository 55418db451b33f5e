-- One row per record in a list, from the bodies of membership answers. Grain: listId, recordId.
WITH result AS (
    SELECT
        answer.list_id,
        unnest(from_json(answer.body -> 'results', '[{"recordId":"VARCHAR","membershipTimestamp":"VARCHAR"}]')) AS one
    FROM answer
)

SELECT DISTINCT
    result.list_id AS "listId",
    result.one.recordid AS "recordId",
    result.one.membershiptimestamp AS "membershipTimestamp"
FROM result
ORDER BY length(result.list_id), "listId", length(result.one.recordid), "recordId"
