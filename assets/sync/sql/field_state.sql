-- One row per wanted pair and mapping: both values, what the ledger knows, and which side changed (design section 6, 1 and 2).
-- Grain: object, pair_id, mapping, is_reroute.
WITH compared AS (
    SELECT
        field_value.* EXCLUDE (hubspot_norm, salesforce_norm),
        mapping.rule,
        mapping.kind,
        mapping.is_trigger,
        mapping.compare = 'bool' AND mapping.salesforce_kind = 'bool' AS is_checkbox,
        mapping.hubspot = 'lifecyclestage' AS is_stage,
        mapping.compare AS compared_as,
        CASE
            WHEN mapping.compare = 'owner' AND field_value.hubspot_norm IS NOT NULL
                THEN coalesce(owner_match.counterpart_id, 'hubspot:' || field_value.hubspot_norm)
            ELSE nullif(field_value.hubspot_norm, blank.stand_in)
        END AS hubspot_norm,
        coalesce(user_alias.same_id, nullif(field_value.salesforce_norm, blank.stand_in)) AS salesforce_norm
    FROM field_value
    INNER JOIN mapping
        ON
            field_value.object = mapping.object AND field_value.salesforce_target = mapping.salesforce_object
            AND field_value.mapping = mapping.mapping
    LEFT JOIN owner_match
        ON mapping.compare = 'owner' AND owner_match.system = 'hubspot' AND field_value.hubspot_value = owner_match.owner_id
    LEFT JOIN user_alias ON mapping.compare = 'owner' AND field_value.salesforce_value = user_alias.owner_id
    -- The placeholder of a new lead's company stands for a blank: it is nobody's company, and does not come back as one (P2-07, P2-17).
    LEFT JOIN (
        SELECT trim(placeholder_lead_company) AS stand_in
        FROM run
    ) AS blank
        ON mapping.salesforce_object = 'Lead' AND mapping.salesforce = 'Company'
),

-- What the record was given that answers our own create; it had no id then.
asked AS (
    SELECT past_field.*
    FROM past_field
    SEMI JOIN (
        SELECT object, pair_id
        FROM standing
        WHERE is_answer
    ) AS answered ON past_field.object = answered.object AND past_field.pair_id = answered.pair_id
    WHERE past_field.salesforce_id IS NULL
),

known AS (
    SELECT
        compared.*,
        own.mapping IS NOT NULL AS has_row,
        -- The night on which the two were first seen side by side.
        CASE WHEN own.mapping IS NULL THEN run.night ELSE own.met END AS met,
        coalesce(own.is_salesforce_agreed, FALSE) AS is_salesforce_agreed,
        -- When the link moved, only the Salesforce side becomes unknown.
        coalesce(own.is_hubspot_agreed, other.is_hubspot_agreed, FALSE) AS is_hubspot_agreed,
        own.mapping IS NOT NULL OR other.mapping IS NOT NULL AS has_known_row,
        coalesce(own.agreed_hubspot, other.agreed_hubspot) AS agreed_hubspot,
        own.agreed_salesforce,
        coalesce(own.seen_hubspot, other.seen_hubspot, asked.seen_hubspot) AS seen_hubspot,
        own.seen_salesforce,
        coalesce(own.changed_hubspot_night, other.changed_hubspot_night, asked.changed_hubspot_night) AS past_hubspot_night,
        coalesce(own.changed_hubspot_at, other.changed_hubspot_at, asked.changed_hubspot_at) AS past_hubspot_at,
        own.changed_salesforce_night AS past_salesforce_night,
        own.changed_salesforce_at AS past_salesforce_at,
        coalesce(own.given_to, asked.given_to) AS past_given_to,
        CASE WHEN asked.mapping IS NULL THEN own.given ELSE asked.given END AS past_given,
        CASE coalesce(own.given_to, asked.given_to)
            WHEN 'hubspot' THEN compared.hubspot_live AND (compared.hubspot_norm IS NOT DISTINCT FROM own.given)
            WHEN 'salesforce'
                THEN
                    compared.salesforce_live
                    AND (compared.salesforce_norm IS NOT DISTINCT FROM CASE WHEN asked.mapping IS NULL THEN own.given ELSE asked.given END)
            ELSE FALSE
        END AS is_echo,
        run.night
    FROM compared
    CROSS JOIN run
    LEFT JOIN past_field AS own
        ON
            compared.object = own.object AND compared.pair_id = own.pair_id AND compared.salesforce_id = own.salesforce_id
            -- What was known of a record before the link went elsewhere and came back is not known any more.
            AND compared.past_salesforce_id = compared.salesforce_id
            AND compared.mapping = own.mapping AND compared.rule = own.rule
            -- Values that were compared otherwise, before their types were known, say nothing of a change.
            AND compared.compared_as = coalesce(own.compared_as, compared.compared_as)
    LEFT JOIN past_field AS other
        ON
            own.mapping IS NULL AND compared.past_salesforce_id <> compared.salesforce_id
            AND compared.object = other.object AND compared.pair_id = other.pair_id AND compared.past_salesforce_id = other.salesforce_id
            AND compared.mapping = other.mapping AND compared.rule = other.rule
            AND compared.compared_as = coalesce(other.compared_as, compared.compared_as)
    LEFT JOIN asked
        ON
            compared.past_salesforce_id IS NULL AND NOT compared.is_reroute
            AND compared.object = asked.object AND compared.pair_id = asked.pair_id
            AND compared.mapping = asked.mapping AND compared.rule = asked.rule
            AND compared.compared_as = coalesce(asked.compared_as, compared.compared_as)
),

-- A side that has what we gave it last was equal to the other one, even if that has moved on: our own echo is no change (P2-17).
joined AS (
    SELECT
        known.* EXCLUDE (is_echo, has_known_row, is_hubspot_agreed, is_salesforce_agreed, agreed_hubspot, agreed_salesforce),
        -- Of a record that answers our create nothing is known but what is our own in it.
        has_known_row OR is_echo AS has_hubspot_row,
        is_hubspot_agreed OR is_echo AS is_hubspot_agreed,
        is_salesforce_agreed OR is_echo AS is_salesforce_agreed,
        CASE WHEN is_echo THEN past_given ELSE agreed_hubspot END AS agreed_hubspot,
        CASE WHEN is_echo THEN past_given ELSE agreed_salesforce END AS agreed_salesforce
    FROM known
)

SELECT
    *,
    -- A checkbox of Salesforce is never blank: unchecked is what a value that was cleared in HubSpot becomes.
    (hubspot_norm IS NOT DISTINCT FROM salesforce_norm)
    OR (is_checkbox AND is_hubspot_agreed AND hubspot_norm IS NULL AND salesforce_norm = 'false') AS is_equal,
    CASE
        WHEN NOT has_hubspot_row THEN FALSE
        -- A stage that was to step back and is blank has had the first of its two steps: our own clear, and no deletion (P2-62).
        WHEN is_stage AND hubspot_norm IS NULL AND past_given_to = 'hubspot' AND past_given IS NOT NULL THEN FALSE
        WHEN is_hubspot_agreed THEN (hubspot_norm IS DISTINCT FROM agreed_hubspot)
        ELSE (hubspot_norm IS DISTINCT FROM seen_hubspot)
    END AS hubspot_changed,
    CASE
        WHEN NOT has_row THEN FALSE
        WHEN is_salesforce_agreed THEN (salesforce_norm IS DISTINCT FROM agreed_salesforce)
        ELSE (salesforce_norm IS DISTINCT FROM seen_salesforce)
    END AS salesforce_changed,
    -- Being in one more campaign triggers; leaving one does not, and neither does what HubSpot has of them (P2-13, P2-56).
    kind <> 'campaigns'
    OR (
        has_row AND salesforce_norm IS NOT NULL
        AND NOT list_has_all(string_split(coalesce(seen_salesforce, ''), ';'), string_split(salesforce_norm, ';'))
    ) AS may_trigger,
    CASE WHEN has_hubspot_row AND (hubspot_norm IS NOT DISTINCT FROM seen_hubspot) THEN past_hubspot_night ELSE night END AS hubspot_changed_night,
    CASE
        WHEN has_hubspot_row AND (hubspot_norm IS NOT DISTINCT FROM seen_hubspot) THEN past_hubspot_at ELSE coalesce(hubspot_at, hubspot_modified_at)
    END AS hubspot_changed_at,
    CASE WHEN has_row AND (salesforce_norm IS NOT DISTINCT FROM seen_salesforce) THEN past_salesforce_night ELSE night END AS salesforce_changed_night,
    CASE
        WHEN has_row AND (salesforce_norm IS NOT DISTINCT FROM seen_salesforce) THEN past_salesforce_at ELSE salesforce_modified_at
    END AS salesforce_changed_at
FROM joined
