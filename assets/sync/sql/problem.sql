-- One row per pair and direction that the target would refuse as a whole, with everything that is wrong with it: Salesforce for
-- any bad field (P2-C2), HubSpot for an e-mail that another contact has; both for a new record without its key. Grain: object, pair_id, direction.
-- With state and country picklists a state needs its country (P2-3B): what is given of each, null where it stays as it is.
WITH address AS (
    SELECT
        given.object,
        given.pair_id,
        given.is_create,
        given.salesforce_id,
        picklist.state,
        picklist.state_code,
        picklist.country,
        picklist.country_code,
        bool_or(given.after IS NOT NULL) FILTER (given.salesforce IN (picklist.state, picklist.state_code)) AS state_given,
        bool_or(given.after IS NOT NULL) FILTER (given.salesforce IN (picklist.country, picklist.country_code)) AS country_given
    FROM proposal AS given
    INNER JOIN state_picklist AS picklist
        ON
            given.salesforce_object = picklist.salesforce_object
            AND given.salesforce IN (picklist.state, picklist.state_code, picklist.country, picklist.country_code)
    WHERE given.action = 'to_salesforce' AND given.drop_warning IS NULL
    GROUP BY
        given.object, given.pair_id, given.is_create, given.salesforce_id, picklist.state, picklist.state_code, picklist.country,
        picklist.country_code
),

address_there AS (
    SELECT
        address.object,
        address.pair_id,
        address.country,
        bool_or(now.field IN (address.state, address.state_code)) AS has_state,
        bool_or(now.field IN (address.country, address.country_code)) AS has_country
    FROM address
    INNER JOIN address_now AS now ON address.salesforce_id = now.salesforce_id
    GROUP BY address.object, address.pair_id, address.country
),

found AS (
    SELECT object, pair_id, action AS direction, CASE problem WHEN 'email_in_use' THEN problem ELSE problem || ': ' || field_name END AS reason
    FROM proposal
    WHERE problem IS NOT NULL AND drop_warning IS NULL
    UNION
    SELECT verdict.object, verdict.pair_id, verdict.direction, 'required_field_missing: ' || required.salesforce AS reason
    FROM verdict
    INNER JOIN route ON verdict.object = route.object AND verdict.pair_id = route.pair_id
    INNER JOIN required_field AS required ON route.salesforce_object = required.salesforce_object
    CROSS JOIN run
    WHERE
        verdict.direction = 'to_salesforce' AND (verdict.is_create OR route.is_rerouted) AND verdict.is_open
        AND NOT (required.salesforce_object = 'Lead' AND required.salesforce = 'Company' AND run.placeholder_lead_company IS NOT NULL)
        AND NOT EXISTS (
            SELECT 1
            FROM proposal
            WHERE
                proposal.object = verdict.object AND proposal.pair_id = verdict.pair_id AND proposal.action = 'to_salesforce'
                AND proposal.salesforce = required.salesforce AND proposal.after IS NOT NULL AND proposal.drop_warning IS NULL
        )
    UNION
    -- Made without its address a person is not known again, and is made anew every night (P2-05, P2-92); a company without its name too.
    SELECT
        verdict.object,
        verdict.pair_id,
        verdict.direction,
        'required_field_missing: ' || CASE verdict.direction WHEN 'to_hubspot' THEN 'email' ELSE 'Email' END AS reason
    FROM verdict
    LEFT JOIN route ON verdict.object = route.object AND verdict.pair_id = route.pair_id
    WHERE
        verdict.object = 'person' AND verdict.is_open
        AND (verdict.is_create OR (verdict.direction = 'to_salesforce' AND coalesce(route.is_rerouted, FALSE)))
        AND NOT EXISTS (
            SELECT 1
            FROM proposal
            WHERE
                proposal.object = verdict.object AND proposal.pair_id = verdict.pair_id AND proposal.action = verdict.direction
                AND proposal.kind = 'email' AND proposal.after IS NOT NULL AND proposal.drop_warning IS NULL
        )
    UNION
    SELECT object, pair_id, action AS direction, 'required_field_missing: ' || field_name AS reason
    FROM proposal
    WHERE object = 'company' AND is_create AND lower(field_name) = 'name' AND drop_warning IS NOT NULL
    UNION
    SELECT address.object, address.pair_id, 'to_salesforce' AS direction, 'required_field_missing: ' || address.country AS reason
    FROM address
    LEFT JOIN address_there AS there
        ON address.object = there.object AND address.pair_id = there.pair_id AND address.country = there.country AND NOT address.is_create
    WHERE
        coalesce(address.state_given, there.has_state, FALSE)
        AND NOT coalesce(address.country_given, there.has_country, FALSE)
)

SELECT object, pair_id, direction, list_sort(list(DISTINCT reason)) AS reasons
FROM found
GROUP BY object, pair_id, direction
