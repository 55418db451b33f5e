-- One row per pair of a deal and an associated record: as the API's objects carry them (JSON), or as HubSpot's export tool
-- writes them (ids separated by semicolons). Grain: deal_id, target, target_id.
WITH deal AS (
    SELECT
        hs_object_id,
        CASE WHEN json_valid(associations) THEN associations END AS associations,
        "Associated Contact IDs" AS contact_ids,
        "Associated Company IDs" AS company_ids
    FROM staged__hubspot__deal
    WHERE op = 'upsert'
),

pair AS (
    SELECT deal.hs_object_id AS deal_id, kind.target, json_extract_string(associated.value, '$.id') AS target_id
    FROM deal
    CROSS JOIN (VALUES ('contact', '$.contacts.results'), ('company', '$.companies.results')) AS kind (target, place)
    CROSS JOIN LATERAL json_each(deal.associations, kind.place) AS associated
    UNION ALL
    SELECT hs_object_id AS deal_id, 'contact' AS target, trim(unnest(string_split(contact_ids, ';'))) AS target_id
    FROM deal
    UNION ALL
    SELECT hs_object_id AS deal_id, 'company' AS target, trim(unnest(string_split(company_ids, ';'))) AS target_id
    FROM deal
)

SELECT DISTINCT deal_id, target, target_id FROM pair
WHERE target_id <> ''
