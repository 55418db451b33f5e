-- One row per pair and direction that the target would refuse as a whole, with everything that is wrong with it: Salesforce for
-- any bad field (P2-C2), HubSpot for an e-mail that another contact has. Grain: object, pair_id, direction.
WITH found AS (
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
)

SELECT object, pair_id, direction, list_sort(list(DISTINCT reason)) AS reasons
FROM found
GROUP BY object, pair_id, direction
