-- core/sync/ledger_field: one row per field whose state differs from the night before (design section 6). Grain: object, pair_id,
-- salesforce_id, mapping. A field that is not mapped any more is written once with the rule `unmapped`: mapped again, it is new. Of one
-- whose column was not delivered stays what was known.
WITH given AS (
    SELECT proposal.object, proposal.pair_id, proposal.mapping, proposal.action, proposal.given
    FROM proposal
    LEFT JOIN problem ON proposal.object = problem.object AND proposal.pair_id = problem.pair_id AND proposal.action = problem.direction
    WHERE proposal.drop_warning IS NULL AND problem.pair_id IS NULL AND NOT proposal.is_reroute
),

tonight AS (
    SELECT
        field.object,
        field.pair_id,
        CASE WHEN field.salesforce_live THEN field.salesforce_id ELSE field.past_salesforce_id END AS salesforce_id,
        field.mapping,
        field.rule,
        field.compared_as,
        field.met,
        (field.is_equal AND field.is_whole) OR field.is_hubspot_agreed AS is_hubspot_agreed,
        (field.is_equal AND field.is_whole) OR field.is_salesforce_agreed AS is_salesforce_agreed,
        CASE WHEN field.is_equal AND field.is_whole THEN field.hubspot_norm ELSE field.agreed_hubspot END AS agreed_hubspot,
        CASE WHEN field.is_equal AND field.is_whole THEN field.salesforce_norm ELSE field.agreed_salesforce END AS agreed_salesforce,
        -- Of a side that is not there tonight stays what was last seen of it; the other one goes on.
        CASE WHEN field.hubspot_live THEN field.hubspot_norm ELSE field.seen_hubspot END AS seen_hubspot,
        CASE WHEN field.salesforce_live THEN field.salesforce_norm ELSE field.seen_salesforce END AS seen_salesforce,
        CASE WHEN field.hubspot_live THEN field.hubspot_changed_night ELSE field.past_hubspot_night END AS changed_hubspot_night,
        CASE WHEN field.hubspot_live THEN field.hubspot_changed_at ELSE field.past_hubspot_at END AS changed_hubspot_at,
        CASE WHEN field.salesforce_live THEN field.salesforce_changed_night ELSE field.past_salesforce_night END AS changed_salesforce_night,
        CASE WHEN field.salesforce_live THEN field.salesforce_changed_at ELSE field.past_salesforce_at END AS changed_salesforce_at,
        CASE given.action WHEN 'to_hubspot' THEN 'hubspot' WHEN 'to_salesforce' THEN 'salesforce' END AS given_to,
        given.given
    FROM (SELECT *, hubspot_live AND salesforce_live AS is_whole FROM field_state) AS field
    LEFT JOIN given ON field.object = given.object AND field.pair_id = given.pair_id AND field.mapping = given.mapping
    -- What was given the night before and is not given tonight is forgotten: only the last delta can be seen applied.
    -- A pair that lost a side goes on with the other: a link that moves later must know when that one changed.
    WHERE
        (field.salesforce_live AND (field.hubspot_live OR given.mapping IS NOT NULL OR field.past_given_to IS NOT NULL))
        OR (field.has_hubspot_row AND (field.salesforce_live OR field.past_salesforce_id IS NOT NULL))
        -- What a record that is asked for was given: it is our own echo when the record comes.
        OR (
            (given.action = 'to_salesforce' OR field.past_given_to = 'salesforce')
            AND NOT field.salesforce_live AND field.past_salesforce_id IS NULL
        )
    UNION ALL
    SELECT
        past_field.object,
        past_field.pair_id,
        past_field.salesforce_id,
        past_field.mapping,
        'unmapped' AS rule,
        CAST(NULL AS VARCHAR) AS compared_as,
        CAST(NULL AS VARCHAR) AS met,
        FALSE AS is_hubspot_agreed,
        FALSE AS is_salesforce_agreed,
        CAST(NULL AS VARCHAR) AS agreed_hubspot,
        CAST(NULL AS VARCHAR) AS agreed_salesforce,
        CAST(NULL AS VARCHAR) AS seen_hubspot,
        CAST(NULL AS VARCHAR) AS seen_salesforce,
        CAST(NULL AS VARCHAR) AS changed_hubspot_night,
        CAST(NULL AS TIMESTAMPTZ) AS changed_hubspot_at,
        CAST(NULL AS VARCHAR) AS changed_salesforce_night,
        CAST(NULL AS TIMESTAMPTZ) AS changed_salesforce_at,
        CAST(NULL AS VARCHAR) AS given_to,
        CAST(NULL AS VARCHAR) AS given
    FROM past_field
    INNER JOIN standing
        ON past_field.object = standing.object AND past_field.pair_id = standing.pair_id AND past_field.salesforce_id = standing.salesforce_id
    ANTI JOIN mapping
        ON past_field.object = mapping.object AND standing.salesforce_object = mapping.salesforce_object AND past_field.mapping = mapping.mapping
    ANTI JOIN untold_mapping AS untold
        ON past_field.object = untold.object AND standing.salesforce_object = untold.salesforce_object AND past_field.mapping = untold.mapping
    WHERE standing.salesforce_object IS NOT NULL
)

SELECT tonight.*
FROM tonight
LEFT JOIN past_field
    ON
        tonight.object = past_field.object AND tonight.pair_id = past_field.pair_id
        AND (tonight.salesforce_id IS NOT DISTINCT FROM past_field.salesforce_id) AND tonight.mapping = past_field.mapping
WHERE
    past_field.mapping IS NULL
    OR tonight.rule IS DISTINCT FROM past_field.rule
    OR tonight.compared_as <> past_field.compared_as
    OR tonight.is_hubspot_agreed IS DISTINCT FROM past_field.is_hubspot_agreed
    OR tonight.is_salesforce_agreed IS DISTINCT FROM past_field.is_salesforce_agreed
    OR tonight.agreed_hubspot IS DISTINCT FROM past_field.agreed_hubspot
    OR tonight.agreed_salesforce IS DISTINCT FROM past_field.agreed_salesforce
    OR tonight.seen_hubspot IS DISTINCT FROM past_field.seen_hubspot
    OR tonight.seen_salesforce IS DISTINCT FROM past_field.seen_salesforce
    OR tonight.given_to IS DISTINCT FROM past_field.given_to
    OR tonight.given IS DISTINCT FROM past_field.given
