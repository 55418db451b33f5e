-- One row per pair, direction and reason for which a CRM refused our last import, as its error files say (P2-B9, P2-C1).
-- A code that is not in data/reference/crm_errors.csv is `refused_by_crm`. Grain: object, pair_id, direction, reason.
WITH answer AS (
    SELECT
        'to_salesforce' AS direction,
        nullif(trim(coalesce(nullif(trim(sf__Id), ''), Id)), '') AS record_id,
        nullif(lower(trim(Email)), '') AS email,
        nullif(lower(trim("Name")), '') AS name,
        'salesforce' AS system,
        split_part(sf__Error, ':', 1) AS code
    FROM raw__salesforce__result
    WHERE nullif(trim(sf__Error), '') IS NOT NULL
    UNION ALL
    SELECT
        'to_hubspot' AS direction,
        nullif(trim("Record ID"), '') AS record_id,
        nullif(lower(trim("Email")), '') AS email,
        coalesce(nullif(lower(trim("Company domain name")), ''), nullif(lower(trim("Company name")), '')) AS name,
        'hubspot' AS system,
        trim("Error code") AS code
    FROM raw__hubspot__result
    WHERE nullif(trim("Error code"), '') IS NOT NULL
),

explained AS (
    SELECT
        answer.direction,
        answer.record_id,
        CASE WHEN answer.email IS NULL THEN 'company' ELSE 'person' END AS object,
        coalesce(answer.email, answer.name) AS name,
        coalesce(crm_error.reason, 'refused_by_crm') AS reason
    FROM answer
    LEFT JOIN crm_error ON answer.system = crm_error.system AND answer.code = crm_error.code
),

-- What was to be made has no id yet: a person is known by the address, a company by what it was to be called.
unmade AS (
    SELECT object, pair_id, 'to_salesforce' AS direction, hubspot_key AS name
    FROM standing
    WHERE object = 'person' AND hubspot_live AND NOT salesforce_live
    UNION ALL
    SELECT object, pair_id, 'to_hubspot' AS direction, salesforce_key AS name
    FROM standing
    WHERE object = 'person' AND salesforce_live AND NOT hubspot_live
    UNION ALL
    SELECT object, pair_id, action AS direction, lower(trim(after)) AS name
    FROM changed_field
    WHERE object = 'company' AND is_create AND field IN ('Name', 'name', 'domain')
)

-- Ids are compared on their 15 characters, which the files may have as well as the 18 (P2-29).
SELECT standing.object, standing.pair_id, explained.direction, explained.reason
FROM explained
INNER JOIN standing ON explained.direction = 'to_salesforce' AND left(explained.record_id, 15) = left(standing.salesforce_id, 15)
UNION
SELECT standing.object, standing.pair_id, explained.direction, explained.reason
FROM explained
INNER JOIN standing ON explained.direction = 'to_hubspot' AND standing.hubspot_live AND explained.record_id = standing.hubspot_id
UNION
SELECT unmade.object, unmade.pair_id, unmade.direction, explained.reason
FROM explained
INNER JOIN unmade
    ON
        explained.record_id IS NULL AND explained.direction = unmade.direction
        AND explained.object = unmade.object AND explained.name = unmade.name
