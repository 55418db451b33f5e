-- One row per field of an operation of tonight, before it is grouped (design section 7). HubSpot clears are their own operation.
-- Grain: object, pair_id, action, field.
WITH created_object AS (
    SELECT route.object, route.pair_id, route.salesforce_object
    FROM route
),

field_change AS (
    SELECT
        proposal.object,
        proposal.pair_id,
        proposal.action,
        proposal.is_create,
        proposal.salesforce_object,
        proposal.field_name AS field,
        proposal.before,
        proposal.after,
        proposal.rule,
        proposal.truth_row || ': ' || proposal.meaning AS because
    FROM proposal
    LEFT JOIN problem ON proposal.object = problem.object AND proposal.pair_id = problem.pair_id AND proposal.action = problem.direction
    WHERE proposal.drop_warning IS NULL AND problem.pair_id IS NULL
),

placeholder AS (
    SELECT
        verdict.object,
        verdict.pair_id,
        'to_salesforce' AS action,
        TRUE AS is_create,
        'Lead' AS salesforce_object,
        'Company' AS field,
        CAST(NULL AS VARCHAR) AS before,
        run.placeholder_lead_company AS after,
        'placeholder' AS rule,
        'P2-07: a lead needs a company' AS because
    FROM verdict
    INNER JOIN created_object
        ON verdict.object = created_object.object AND verdict.pair_id = created_object.pair_id AND created_object.salesforce_object = 'Lead'
    CROSS JOIN run
    LEFT JOIN problem ON verdict.object = problem.object AND verdict.pair_id = problem.pair_id AND verdict.direction = problem.direction
    ANTI JOIN field_change AS given
        ON verdict.object = given.object AND verdict.pair_id = given.pair_id AND given.action = 'to_salesforce' AND given.field = 'Company'
    WHERE
        verdict.direction = 'to_salesforce' AND verdict.is_create AND verdict.is_open AND problem.pair_id IS NULL
        AND run.placeholder_lead_company IS NOT NULL
),

stage AS (
    SELECT
        stage_move.object,
        stage_move.pair_id,
        'to_hubspot' AS action,
        verdict.is_create,
        standing.salesforce_object,
        'lifecyclestage' AS field,
        stage_move.before,
        stage_move.after,
        stage_move.rule,
        stage_move.because
    FROM stage_move
    INNER JOIN standing ON stage_move.object = standing.object AND stage_move.pair_id = standing.pair_id
    INNER JOIN verdict ON stage_move.object = verdict.object AND stage_move.pair_id = verdict.pair_id AND verdict.direction = 'to_hubspot'
    LEFT JOIN problem ON verdict.object = problem.object AND verdict.pair_id = problem.pair_id AND verdict.direction = problem.direction
    WHERE problem.pair_id IS NULL AND NOT stage_move.is_held
)

SELECT field_change.* FROM field_change
ANTI JOIN stage
    ON
        field_change.object = stage.object AND field_change.pair_id = stage.pair_id
        AND field_change.action = stage.action AND field_change.field = stage.field
UNION ALL
SELECT * FROM placeholder
UNION ALL
SELECT * FROM stage
