-- One row per HubSpot contact and Salesforce lead or contact that belong together; the current one syncs. Grain: hubspot_id, salesforce_id.
-- First link: the oldest record with the primary e-mail, then the lowest id (P2-22, X1). Afterwards: the record with that
-- e-mail which was updated last since the night before, on a tie the present one, then a contact, then the lowest id (P2-23, X2).
-- A link by id whose record has another e-mail stays (P2-2C). Only the primary e-mail links (P2-27).
WITH linked_before AS (
    SELECT DISTINCT hubspot_id
    FROM core__sync__ledger
    WHERE object = 'person' AND hubspot_id IS NOT NULL AND salesforce_id IS NOT NULL
),

by_email AS (
    SELECT
        hs.hubspot_id,
        sf.salesforce_object,
        sf.salesforce_id,
        sf.created_at,
        sf.modified_at,
        coalesce(owner.rule, 'email') AS rule,
        owner.hubspot_id IS NOT NULL AS is_held,
        held.hubspot_id IS NOT NULL OR linked_before.hubspot_id IS NOT NULL AS has_link,
        coalesce(sf.night > run.previous_night AND sf.modified_at > held.modified_at AND held.email = hs.email, FALSE) AS is_newer
    FROM hubspot_person AS hs
    INNER JOIN salesforce_person AS sf ON hs.email = sf.email
    CROSS JOIN run
    LEFT JOIN person_held AS owner ON sf.salesforce_id = owner.salesforce_id
    LEFT JOIN person_held AS held ON hs.hubspot_id = held.hubspot_id
    LEFT JOIN linked_before ON hs.hubspot_id = linked_before.hubspot_id
    LEFT JOIN person_absent AS absent ON hs.hubspot_id = absent.hubspot_id
    WHERE
        (owner.hubspot_id IS NULL OR owner.hubspot_id = hs.hubspot_id)
        AND (absent.hubspot_id IS NULL OR held.hubspot_id IS NOT NULL)
),

by_id AS (
    SELECT
        held.hubspot_id,
        held.salesforce_object,
        held.salesforce_id,
        CAST(NULL AS TIMESTAMPTZ) AS created_at,
        held.modified_at,
        held.rule,
        TRUE AS is_held,
        TRUE AS has_link,
        FALSE AS is_newer
    FROM person_held AS held
    INNER JOIN hubspot_person AS hs ON held.hubspot_id = hs.hubspot_id
    WHERE held.email IS DISTINCT FROM hs.email OR held.email IS NULL
),

ranked AS (
    SELECT
        hubspot_id,
        salesforce_object,
        salesforce_id,
        CASE WHEN is_newer THEN 'updated' ELSE rule END AS rule,
        row_number() OVER (
            PARTITION BY hubspot_id
            ORDER BY
                is_newer DESC,
                CASE WHEN is_newer THEN modified_at END DESC,
                is_held DESC,
                CASE WHEN NOT has_link THEN created_at END,
                CASE WHEN has_link THEN modified_at END DESC,
                CASE WHEN has_link THEN salesforce_object END,
                salesforce_id
        ) AS rank
    FROM (
        SELECT * FROM by_email
        UNION ALL
        SELECT * FROM by_id
    ) AS candidate
),

-- Two contacts with one e-mail (which HubSpot itself does not allow) must not share a record.
single AS (
    SELECT *, row_number() OVER (PARTITION BY salesforce_id ORDER BY rank, hubspot_id) AS claim
    FROM ranked
)

SELECT hubspot_id, salesforce_object, salesforce_id, rule, rank, rank = 1 AND claim = 1 AS is_current
FROM single
