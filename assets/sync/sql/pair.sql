-- One row per pair of tonight: every live HubSpot record with its link or none, and every live Salesforce record without a HubSpot
-- record. What both records are and `past` are attached; a pair keeps its id for ever (design section 6). Grain: object, pair_id.
WITH current_link AS (
    SELECT
        hubspot_id,
        salesforce_object,
        salesforce_id,
        rule,
        CASE WHEN salesforce_object = 'Account' THEN 'company' ELSE 'person' END AS object
    FROM core__identity__link
    WHERE is_current
),

past_of_hubspot AS (
    SELECT *
    FROM past
    WHERE hubspot_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY object, hubspot_id ORDER BY gone_since IS NOT NULL, pair_id) = 1
),

-- The Salesforce record that a HubSpot record is tied to, by the ledger or else by its stored id, wherever that record is now: none is
-- made beside one that is deleted, gone, refused by its contract, or with another contact (P2-25). A link says it all by itself.
tied AS (
    SELECT
        hs.object,
        hs.hubspot_id,
        coalesce(own.salesforce_object, hs.stored_object) AS known_object,
        -- A record that is gone stays in the pair under its present id, one that went to another contact under its old one.
        CASE
            WHEN sf.salesforce_id IS NULL THEN coalesce(own.present_salesforce_id, successor.to_id, hs.stored_id)
            ELSE coalesce(own.salesforce_id, hs.stored_id)
        END AS salesforce_id,
        CASE WHEN sf.salesforce_id IS NULL THEN coalesce(missing.op, 'gone') END AS missing
    FROM hubspot_record AS hs
    ANTI JOIN current_link AS link ON hs.object = link.object AND hs.hubspot_id = link.hubspot_id
    LEFT JOIN past_of_hubspot AS own ON hs.object = own.object AND hs.hubspot_id = own.hubspot_id
    LEFT JOIN salesforce_successor AS successor ON hs.stored_id = successor.from_id
    LEFT JOIN salesforce_record AS sf ON coalesce(own.present_salesforce_id, successor.to_id, hs.stored_id) = sf.salesforce_id
    LEFT JOIN salesforce_missing AS missing
        ON coalesce(own.present_salesforce_id, successor.to_id, hs.stored_id) = missing.salesforce_id
    WHERE coalesce(own.salesforce_id, hs.stored_id) IS NOT NULL
),

-- An id says what it is of (P2-29): a lead may have been converted into a contact that was never delivered.
tie AS (
    SELECT
        object,
        hubspot_id,
        CASE left(salesforce_id, 3) WHEN '00Q' THEN 'Lead' WHEN '003' THEN 'Contact' ELSE known_object END AS salesforce_object,
        salesforce_id,
        missing
    FROM tied
),

past_of_salesforce AS (
    SELECT *
    FROM past
    WHERE hubspot_id IS NULL
    QUALIFY row_number() OVER (PARTITION BY present_salesforce_id ORDER BY is_direct DESC, pair_id) = 1
),

-- Pairs whose HubSpot record was deleted (not merged into another one): their Salesforce record must not make a new one silently.
past_of_deleted AS (
    SELECT past.*
    FROM past
    ANTI JOIN hubspot_record AS hs ON past.object = hs.object AND past.hubspot_id = hs.hubspot_id
    ANTI JOIN hubspot_successor AS successor ON past.object = successor.object AND past.hubspot_id = successor.from_id
    WHERE past.hubspot_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY past.present_salesforce_id ORDER BY past.is_direct DESC, past.pair_id) = 1
),

taken AS (
    SELECT object, split_part(substr(pair_id, 4), '/', 1) AS salesforce_id, count(*) AS pairs
    FROM past
    WHERE starts_with(pair_id, 'sf:')
    GROUP BY object, split_part(substr(pair_id, 4), '/', 1)
),

from_hubspot AS (
    SELECT
        hs.object,
        coalesce(own.pair_id, other.pair_id) AS past_pair_id,
        hs.hubspot_id,
        TRUE AS hubspot_live,
        coalesce(link.salesforce_object, tie.salesforce_object) AS salesforce_object,
        coalesce(link.salesforce_id, tie.salesforce_id) AS salesforce_id,
        link.salesforce_id IS NOT NULL AS salesforce_live,
        tie.missing,
        tie.hubspot_id IS NOT NULL AND tie.missing IS NULL AS has_lost_record,
        link.rule AS link_rule,
        hs.key AS hubspot_key,
        hs.created_at AS hubspot_created_at,
        hs.modified_at AS hubspot_modified_at,
        hs.stage,
        hs.version_night AS hubspot_version_night,
        sf.key AS salesforce_key,
        sf.created_at AS salesforce_created_at,
        sf.modified_at AS salesforce_modified_at,
        sf.version_night AS salesforce_version_night
    FROM hubspot_record AS hs
    LEFT JOIN current_link AS link ON hs.object = link.object AND hs.hubspot_id = link.hubspot_id
    LEFT JOIN salesforce_record AS sf ON link.salesforce_id = sf.salesforce_id
    LEFT JOIN past_of_hubspot AS own ON hs.object = own.object AND hs.hubspot_id = own.hubspot_id
    LEFT JOIN past_of_salesforce AS other ON link.salesforce_id = other.present_salesforce_id
    LEFT JOIN tie ON hs.object = tie.object AND hs.hubspot_id = tie.hubspot_id
),

from_salesforce AS (
    SELECT
        sf.object,
        coalesce(deleted.pair_id, own.pair_id) AS past_pair_id,
        deleted.hubspot_id,
        FALSE AS hubspot_live,
        sf.salesforce_object,
        sf.salesforce_id,
        TRUE AS salesforce_live,
        CAST(NULL AS VARCHAR) AS missing,
        FALSE AS has_lost_record,
        CAST(NULL AS VARCHAR) AS link_rule,
        CAST(NULL AS VARCHAR) AS hubspot_key,
        CAST(NULL AS TIMESTAMPTZ) AS hubspot_created_at,
        CAST(NULL AS TIMESTAMPTZ) AS hubspot_modified_at,
        CAST(NULL AS VARCHAR) AS stage,
        CAST(NULL AS VARCHAR) AS hubspot_version_night,
        sf.key AS salesforce_key,
        sf.created_at AS salesforce_created_at,
        sf.modified_at AS salesforce_modified_at,
        sf.version_night AS salesforce_version_night
    FROM salesforce_record AS sf
    ANTI JOIN current_link AS link ON sf.salesforce_id = link.salesforce_id
    LEFT JOIN past_of_deleted AS deleted ON sf.salesforce_id = deleted.present_salesforce_id
    LEFT JOIN past_of_salesforce AS own ON sf.salesforce_id = own.present_salesforce_id
)

SELECT
    pair.object,
    -- A record whose own id already names a pair that went on with another record begins a further one: sf:<id>/2.
    coalesce(
        pair.past_pair_id,
        CASE
            WHEN pair.hubspot_id IS NOT NULL THEN 'hs:' || pair.hubspot_id
            WHEN taken.pairs IS NULL THEN 'sf:' || pair.salesforce_id
            ELSE 'sf:' || pair.salesforce_id || '/' || (taken.pairs + 1)
        END
    ) AS pair_id,
    pair.hubspot_id,
    pair.hubspot_live,
    pair.salesforce_object,
    pair.salesforce_id,
    pair.salesforce_live,
    pair.missing,
    pair.has_lost_record,
    pair.link_rule,
    pair.hubspot_live AND pair.salesforce_live AS is_linked,
    pair.hubspot_key,
    pair.hubspot_created_at,
    pair.hubspot_modified_at,
    pair.stage,
    pair.hubspot_version_night,
    pair.salesforce_key,
    pair.salesforce_created_at,
    pair.salesforce_modified_at,
    pair.salesforce_version_night,
    pair.past_pair_id IS NOT NULL AS is_known,
    past.hubspot_id AS past_hubspot_id,
    past.salesforce_id AS past_salesforce_id,
    past.segment_id AS past_segment_id,
    past.in_segment AS past_in_segment,
    past.outside_filter AS past_outside_filter,
    past.created_by,
    past.hubspot_hash AS past_hubspot_hash,
    past.salesforce_hash AS past_salesforce_hash,
    coalesce(past.triggers, CAST([] AS VARCHAR[])) AS past_triggers,
    past.since AS past_since,
    past.gone_since AS past_gone_since,
    past.given_stage AS past_given_stage,
    past.given_email AS past_given_email
FROM (
    SELECT * FROM from_hubspot
    UNION ALL
    SELECT * FROM from_salesforce
) AS pair
LEFT JOIN past ON pair.object = past.object AND pair.past_pair_id = past.pair_id
LEFT JOIN taken ON pair.past_pair_id IS NULL AND pair.object = taken.object AND pair.salesforce_id = taken.salesforce_id
