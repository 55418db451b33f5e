-- One row per pair, direction and reason for which a CRM refused our last import, as its error files say (P2-B9, P2-C1).
-- A code that is not in data/reference/crm_errors.csv is `refused_by_crm`. Grain: object, pair_id, direction, reason.
WITH answer AS (
    SELECT
        'salesforce' AS system,
        nullif(trim(coalesce(nullif(trim(sf__Id), ''), Id)), '') AS record_id,
        nullif(lower(trim(Email)), '') AS email,
        split_part(sf__Error, ':', 1) AS code
    FROM raw__salesforce__result
    WHERE nullif(trim(sf__Error), '') IS NOT NULL
    UNION ALL
    SELECT
        'hubspot' AS system,
        nullif(trim("Record ID"), '') AS record_id,
        nullif(lower(trim("Email")), '') AS email,
        trim("Error code") AS code
    FROM raw__hubspot__result
    WHERE nullif(trim("Error code"), '') IS NOT NULL
),

explained AS (
    SELECT answer.system, answer.record_id, answer.email, coalesce(crm_error.reason, 'refused_by_crm') AS reason
    FROM answer
    LEFT JOIN crm_error ON answer.system = crm_error.system AND answer.code = crm_error.code
)

-- Ids are compared on their 15 characters, which the files may have as well as the 18 (P2-29).
SELECT standing.object, standing.pair_id, 'to_salesforce' AS direction, explained.reason
FROM explained
INNER JOIN standing ON explained.system = 'salesforce' AND left(explained.record_id, 15) = left(standing.salesforce_id, 15)
UNION
SELECT standing.object, standing.pair_id, 'to_salesforce' AS direction, explained.reason
FROM explained
INNER JOIN standing
    ON
        explained.system = 'salesforce' AND explained.record_id IS NULL AND standing.object = 'person'
        AND standing.hubspot_live AND NOT standing.salesforce_live AND explained.email = standing.hubspot_key
UNION
SELECT standing.object, standing.pair_id, 'to_hubspot' AS direction, explained.reason
FROM explained
INNER JOIN standing ON explained.system = 'hubspot' AND standing.hubspot_live AND explained.record_id = standing.hubspot_id
UNION
SELECT standing.object, standing.pair_id, 'to_hubspot' AS direction, explained.reason
FROM explained
INNER JOIN standing
    ON
        explained.system = 'hubspot' AND explained.record_id IS NULL AND standing.object = 'person'
        AND standing.salesforce_live AND NOT standing.hubspot_live AND explained.email = standing.salesforce_key
