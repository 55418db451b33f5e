-- One row per association of a contact with a company and label, from the bodies of association answers. A pair without a label of
-- its own has one row with a null label. Grain: contact_id, company_id, label.
WITH result AS (
    SELECT
        unnest(
            from_json(
                answer.body -> 'results',
                '[{"from":{"id":"VARCHAR"},"to":[{"toObjectId":"VARCHAR","associationTypes":[{"typeId":"BIGINT","category":"VARCHAR","label":"VARCHAR"}]}]}]'
            )
        ) AS one
    FROM answer
),

pair AS (
    SELECT result.one['from'].id AS contact_id, unnest(result.one['to']) AS target
    FROM result
),

labelled AS (
    SELECT
        pair.contact_id,
        pair.target.toobjectid AS company_id,
        len(list_filter(pair.target.associationtypes, lambda t: t.typeid = 1 AND t.category = 'HUBSPOT_DEFINED')) > 0 AS is_primary,
        list_filter(pair.target.associationtypes, lambda t: t.category <> 'HUBSPOT_DEFINED' AND t.label IS NOT NULL) AS own
    FROM pair
)

SELECT DISTINCT
    labelled.contact_id,
    labelled.company_id,
    unnest(CASE WHEN len(labelled.own) = 0 THEN [NULL] ELSE list_transform(labelled.own, lambda t: t.label) END) AS label,
    CASE WHEN labelled.is_primary THEN 'true' ELSE 'false' END AS "primary"
FROM labelled
ORDER BY length(labelled.contact_id), labelled.contact_id, length(labelled.company_id), labelled.company_id, label
