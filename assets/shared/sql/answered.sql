-- One row per HubSpot record and Salesforce record of which one was asked for from the other and is new to the ledger: it was made
-- since, with the address that the create gave (of a company the name), whatever has become of it or of the one that asked. What
-- asked and is not there any more asks no longer than its last plan lies there. Grain: object, pair_id.
WITH asking AS (
    SELECT
        object,
        pair_id,
        hubspot_id,
        salesforce_id,
        lower(trim(given_email)) AS given,
        since,
        CAST(gone_since AS DATE) + INTERVAL 1 DAY AS until,
        CASE WHEN hubspot_id IS NULL THEN 'hubspot' ELSE 'salesforce' END AS system,
        row_number() OVER (
            PARTITION BY object, hubspot_id IS NULL, lower(trim(given_email)) ORDER BY length(hubspot_id), hubspot_id, salesforce_id
        ) AS place
    FROM core__sync__ledger
    WHERE given_email IS NOT NULL AND len(triggers) > 0 AND (hubspot_id IS NULL OR salesforce_id IS NULL)
),

record AS (
    SELECT 'person' AS object, 'hubspot' AS system, hs_object_id AS record_id, email AS given, createdate AS created_at, op, night
    FROM staged__hubspot__contact
    UNION ALL
    SELECT 'company' AS object, 'hubspot' AS system, hs_object_id AS record_id, name AS given, createdate AS created_at, op, night
    FROM staged__hubspot__company
    UNION ALL
    SELECT 'person' AS object, 'salesforce' AS system, Id AS record_id, Email AS given, CreatedDate AS created_at, op, night
    FROM staged__salesforce__lead
    UNION ALL
    SELECT 'person' AS object, 'salesforce' AS system, Id AS record_id, Email AS given, CreatedDate AS created_at, op, night
    FROM staged__salesforce__contact
    UNION ALL
    SELECT 'company' AS object, 'salesforce' AS system, Id AS record_id, Name AS given, CreatedDate AS created_at, op, night
    FROM staged__salesforce__account
),

known AS (
    SELECT object, 'hubspot' AS system, hubspot_id AS record_id
    FROM core__sync__ledger
    UNION ALL
    SELECT object, 'salesforce' AS system, salesforce_id AS record_id
    FROM core__sync__ledger
),

-- A record that was there when it was asked for is none, whatever it has become since, nor what answers another one by now.
answer AS (
    SELECT
        asking.object,
        asking.pair_id,
        record.record_id,
        row_number() OVER (PARTITION BY asking.object, asking.pair_id ORDER BY record.op = 'upsert' DESC, record.created_at, record.record_id) AS place
    FROM asking
    INNER JOIN record ON asking.object = record.object AND asking.system = record.system AND asking.given = lower(trim(record.given))
    ANTI JOIN known ON record.object = known.object AND record.system = known.system AND record.record_id = known.record_id
    WHERE
        record.night > asking.since AND CAST(record.created_at AS DATE) >= CAST(asking.since AS DATE)
        AND (asking.until IS NULL OR CAST(record.created_at AS DATE) <= asking.until)
)

SELECT
    asking.object,
    asking.pair_id,
    asking.system,
    asking.given,
    coalesce(asking.hubspot_id, answer.record_id) AS hubspot_id,
    coalesce(asking.salesforce_id, answer.record_id) AS salesforce_id
FROM asking
INNER JOIN answer ON asking.object = answer.object AND asking.pair_id = answer.pair_id AND asking.place = answer.place
