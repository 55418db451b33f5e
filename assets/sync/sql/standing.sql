-- One row per pair with what decides whether it may sync tonight. Grain: object, pair_id.
-- `is_new_*` is: created after the night before, or refused since then, and not in the ledger (design sections 1 and 6).
WITH known_salesforce AS (
    SELECT DISTINCT past.salesforce_id
    FROM past
    INNER JOIN salesforce_record AS sf ON past.salesforce_id = sf.salesforce_id
    CROSS JOIN run
    WHERE sf.created_at > run.window_start
),

known_hubspot AS (
    SELECT DISTINCT past.object, past.hubspot_id
    FROM past
    INNER JOIN hubspot_record AS hs ON past.object = hs.object AND past.hubspot_id = hs.hubspot_id
    CROSS JOIN run
    WHERE hs.created_at > run.window_start
),

filtered AS (
    SELECT membership.record_id AS hubspot_id
    FROM core__segment__membership AS membership
    INNER JOIN run ON membership.segment_id = run.filter_segment_id
    WHERE membership.change <> 'left'
),

hashed AS (
    SELECT
        pair.*,
        -- A record that was not hashed tonight has the hash that the ledger noted.
        CASE WHEN pair.hubspot_live THEN coalesce(hs_hash.hash, pair.past_hubspot_hash) END AS hubspot_hash,
        CASE
            WHEN pair.salesforce_live
                -- The campaigns behind it are hashed anew every night.
                THEN
                    coalesce(sf_hash.hash, split_part(pair.past_salesforce_hash, '-', 1) || '-' || split_part(pair.past_salesforce_hash, '-', 2))
                    || coalesce('-' || md5(campaign.value), '')
        END AS salesforce_hash
    FROM pair
    LEFT JOIN hubspot_hash AS hs_hash ON pair.hubspot_live AND pair.object = hs_hash.object AND pair.hubspot_id = hs_hash.record_id
    LEFT JOIN salesforce_hash AS sf_hash ON pair.salesforce_live AND pair.salesforce_id = sf_hash.record_id
    LEFT JOIN campaign_value AS campaign ON pair.salesforce_live AND pair.salesforce_id = campaign.record_id
)

SELECT
    -- What this is the last to ask for is left out: the widest relation of the night is kept until its end.
    pair.* EXCLUDE (
        hubspot_created_at, hubspot_version_night, salesforce_created_at, salesforce_version_night, link_rule,
        past_hubspot_hash, past_salesforce_hash
    ),
    (pair.hubspot_hash IS DISTINCT FROM pair.past_hubspot_hash) AS is_hubspot_moved,
    (pair.salesforce_hash IS DISTINCT FROM pair.past_salesforce_hash) AS is_salesforce_moved,
    -- Whether a mapped value is another one: a new mapping or a column that is delivered for the first time is none, and where the ledger's
    -- hash is of others, the record's own time tells, if it has one. What is in a campaign is asked elsewhere.
    CASE
        WHEN split_part(pair.hubspot_hash, '-', 1) = split_part(pair.past_hubspot_hash, '-', 1)
            THEN split_part(pair.hubspot_hash, '-', 2) <> split_part(pair.past_hubspot_hash, '-', 2)
        WHEN pair.hubspot_hash = hubspot_earlier.hash THEN FALSE
        ELSE coalesce(pair.hubspot_modified_at > run.window_start, TRUE)
    END AS is_hubspot_edited,
    CASE
        WHEN split_part(pair.salesforce_hash, '-', 1) = split_part(pair.past_salesforce_hash, '-', 1)
            THEN split_part(pair.salesforce_hash, '-', 2) <> split_part(pair.past_salesforce_hash, '-', 2)
        WHEN salesforce_earlier.hash = split_part(pair.salesforce_hash, '-', 1) || '-' || split_part(pair.salesforce_hash, '-', 2) THEN FALSE
        ELSE coalesce(pair.salesforce_modified_at > run.window_start, TRUE)
    END AS is_salesforce_edited,
    run.segment_id,
    CASE
        WHEN NOT pair.hubspot_live THEN NULL
        ELSE run.segment_id IS NULL OR inclusion.hubspot_id IS NOT NULL
    END AS in_segment,
    pair.hubspot_live AND known_hubspot.hubspot_id IS NULL
    AND (pair.hubspot_created_at > run.window_start OR late_hubspot.record_id IS NOT NULL) AS is_new_hubspot,
    -- What a linked record was converted or merged into goes on with its pair and is not new (P2-2C).
    pair.salesforce_live AND known_salesforce.salesforce_id IS NULL
    AND (pair.salesforce_created_at > run.window_start OR late_salesforce.record_id IS NOT NULL)
    AND NOT (pair.is_linked AND pair.past_hubspot_id IS NOT NULL AND coalesce(pair.link_rule IN ('conversion', 'merge'), FALSE))
        AS is_new_salesforce,
    -- The record that our own pending create asked for.
    pair.is_known AND pair.past_salesforce_id IS NULL AND coalesce(pair.created_by IN ('setting', 'stage'), FALSE)
    AND len(pair.past_triggers) > 0 AS is_answer,
    -- A data-sync filter keeps a record from its first sync only: what has a counterpart since before there was a filter, or has ever
    -- been inside it, goes on (P2-73). The first night's `baseline` takes what is linked as synced.
    CASE
        WHEN run.filter_segment_id IS NULL OR NOT (pair.object = 'person' AND pair.hubspot_live) THEN NULL
        WHEN filtered.hubspot_id IS NOT NULL THEN FALSE
        WHEN NOT pair.is_linked THEN TRUE
        WHEN run.is_first AND NOT run.is_full THEN FALSE
        ELSE coalesce(pair.past_outside_filter, pair.past_salesforce_id IS NULL)
    END AS outside_filter,
    CASE pair.salesforce_object
        WHEN 'Lead' THEN run.auto_create_new_leads
        WHEN 'Contact' THEN run.auto_create_new_contacts
        WHEN 'Account' THEN run.company_sync
    END AS auto_create_new,
    CASE pair.salesforce_object
        WHEN 'Lead' THEN run.auto_create_existing_leads
        WHEN 'Contact' THEN run.auto_create_existing_contacts
        WHEN 'Account' THEN run.company_sync
    END AS auto_create_existing,
    pair.hubspot_live AND pair.hubspot_version_night > coalesce(run.previous_night, '') AS has_new_hubspot_version,
    pair.salesforce_live AND pair.salesforce_version_night > coalesce(run.previous_night, '') AS has_new_salesforce_version,
    held.pair_id IS NOT NULL AS is_held_back
FROM hashed AS pair
CROSS JOIN run
LEFT JOIN inclusion ON pair.object = inclusion.object AND pair.hubspot_id = inclusion.hubspot_id
LEFT JOIN filtered ON pair.object = 'person' AND pair.hubspot_id = filtered.hubspot_id
LEFT JOIN earlier_hash AS hubspot_earlier
    ON hubspot_earlier.system = 'hubspot' AND pair.object = hubspot_earlier.object AND pair.hubspot_id = hubspot_earlier.record_id
LEFT JOIN earlier_hash AS salesforce_earlier
    ON salesforce_earlier.system = 'salesforce' AND pair.object = salesforce_earlier.object AND pair.salesforce_id = salesforce_earlier.record_id
LEFT JOIN known_salesforce ON pair.salesforce_id = known_salesforce.salesforce_id
LEFT JOIN late_record AS late_salesforce
    ON late_salesforce.system = 'salesforce' AND pair.object = late_salesforce.object AND pair.salesforce_id = late_salesforce.record_id
LEFT JOIN late_record AS late_hubspot
    ON late_hubspot.system = 'hubspot' AND pair.object = late_hubspot.object AND pair.hubspot_id = late_hubspot.record_id
LEFT JOIN known_hubspot ON pair.object = known_hubspot.object AND pair.hubspot_id = known_hubspot.hubspot_id
LEFT JOIN held_pair AS held ON pair.object = held.object AND pair.pair_id = held.pair_id
