-- One row per wanted pair and mapping: both values, what the ledger knows, and which side changed (design section 6, 1 and 2).
-- `salesforce_target` is the object that has or would get the record. Grain: object, pair_id, mapping.
WITH target AS (
    SELECT
        wanted.object,
        wanted.pair_id,
        wanted.hubspot_id,
        wanted.salesforce_id,
        coalesce(wanted.salesforce_object, route.salesforce_object) AS salesforce_target,
        standing.past_salesforce_id,
        standing.hubspot_live,
        standing.salesforce_live,
        standing.hubspot_modified_at,
        standing.salesforce_modified_at
    FROM wanted_pair AS wanted
    INNER JOIN standing ON wanted.object = standing.object AND wanted.pair_id = standing.pair_id
    LEFT JOIN route ON wanted.object = route.object AND wanted.pair_id = route.pair_id
),

-- A lead that stage routing leaves for a contact (X11) has the contact's fields as well, as those of a record that is not there.
every_target AS (
    SELECT target.*, FALSE AS is_reroute
    FROM target
    UNION ALL
    SELECT
        target.object,
        target.pair_id,
        target.hubspot_id,
        CAST(NULL AS VARCHAR) AS salesforce_id,
        'Contact' AS salesforce_target,
        CAST(NULL AS VARCHAR) AS past_salesforce_id,
        target.hubspot_live,
        FALSE AS salesforce_live,
        target.hubspot_modified_at,
        CAST(NULL AS TIMESTAMPTZ) AS salesforce_modified_at,
        TRUE AS is_reroute
    FROM target
    INNER JOIN route ON target.object = route.object AND target.pair_id = route.pair_id AND route.is_rerouted
),

joined AS (
    SELECT
        target.object,
        target.pair_id,
        target.hubspot_id,
        target.salesforce_id,
        target.hubspot_live,
        target.salesforce_live,
        target.hubspot_modified_at,
        target.salesforce_modified_at,
        target.is_reroute,
        mapping.*,
        hs.value AS hubspot_value,
        hs.norm AS hubspot_norm,
        sf.value AS salesforce_value,
        sf.norm AS salesforce_norm,
        own.mapping IS NOT NULL AS has_row,
        coalesce(own.is_salesforce_agreed, FALSE) AS is_salesforce_agreed,
        -- When the link moved, only the Salesforce side becomes unknown.
        coalesce(own.is_hubspot_agreed, other.is_hubspot_agreed, FALSE) AS is_hubspot_agreed,
        own.mapping IS NOT NULL OR other.mapping IS NOT NULL AS has_hubspot_row,
        coalesce(own.agreed_hubspot, other.agreed_hubspot) AS agreed_hubspot,
        own.agreed_salesforce,
        coalesce(own.seen_hubspot, other.seen_hubspot) AS seen_hubspot,
        own.seen_salesforce,
        coalesce(own.changed_hubspot_night, other.changed_hubspot_night) AS past_hubspot_night,
        coalesce(own.changed_hubspot_at, other.changed_hubspot_at) AS past_hubspot_at,
        own.changed_salesforce_night AS past_salesforce_night,
        own.changed_salesforce_at AS past_salesforce_at,
        own.given_to AS past_given_to,
        own.given AS past_given,
        run.night
    FROM every_target AS target
    INNER JOIN (SELECT * EXCLUDE (object), object AS mapping_object FROM mapping) AS mapping
        ON target.object = mapping.mapping_object AND target.salesforce_target = mapping.salesforce_object
    CROSS JOIN run
    LEFT JOIN side_value AS hs
        ON
            hs.side = 'hubspot' AND target.hubspot_live AND target.object = hs.object AND target.hubspot_id = hs.record_id
            AND mapping.salesforce_object = hs.salesforce_object AND mapping.mapping = hs.mapping
    LEFT JOIN side_value AS sf
        ON
            sf.side = 'salesforce' AND target.salesforce_live AND target.salesforce_id = sf.record_id
            AND mapping.salesforce_object = sf.salesforce_object AND mapping.mapping = sf.mapping
    LEFT JOIN past_field AS own
        ON
            target.object = own.object AND target.pair_id = own.pair_id AND target.salesforce_id = own.salesforce_id
            AND mapping.mapping = own.mapping AND mapping.rule = own.rule
    LEFT JOIN past_field AS other
        ON
            own.mapping IS NULL AND target.past_salesforce_id <> target.salesforce_id
            AND target.object = other.object AND target.pair_id = other.pair_id AND target.past_salesforce_id = other.salesforce_id
            AND mapping.mapping = other.mapping AND mapping.rule = other.rule
)

SELECT
    *,
    hubspot_norm IS NOT DISTINCT FROM salesforce_norm AS is_equal,
    CASE
        WHEN NOT has_hubspot_row THEN FALSE
        WHEN is_hubspot_agreed THEN hubspot_norm IS DISTINCT FROM agreed_hubspot
        ELSE hubspot_norm IS DISTINCT FROM seen_hubspot
    END AS hubspot_changed,
    CASE
        WHEN NOT has_row THEN FALSE
        -- Leaving a campaign is no change (P2-13); being in one more is.
        WHEN kind = 'campaigns'
            THEN len(
                list_filter(
                    string_split(coalesce(salesforce_norm, ''), ';'),
                    lambda x: x <> '' AND NOT list_contains(
                        string_split(coalesce(CASE WHEN is_salesforce_agreed THEN agreed_salesforce ELSE seen_salesforce END, ''), ';'), x
                    )
                )
            ) > 0
        WHEN is_salesforce_agreed THEN salesforce_norm IS DISTINCT FROM agreed_salesforce
        ELSE salesforce_norm IS DISTINCT FROM seen_salesforce
    END AS salesforce_changed,
    CASE WHEN has_hubspot_row AND hubspot_norm IS NOT DISTINCT FROM seen_hubspot THEN past_hubspot_night ELSE night END AS hubspot_changed_night,
    CASE
        WHEN has_hubspot_row AND hubspot_norm IS NOT DISTINCT FROM seen_hubspot THEN past_hubspot_at ELSE hubspot_modified_at
    END AS hubspot_changed_at,
    CASE WHEN has_row AND salesforce_norm IS NOT DISTINCT FROM seen_salesforce THEN past_salesforce_night ELSE night END AS salesforce_changed_night,
    CASE
        WHEN has_row AND salesforce_norm IS NOT DISTINCT FROM seen_salesforce THEN past_salesforce_at ELSE salesforce_modified_at
    END AS salesforce_changed_at
FROM joined
