-- One row per HubSpot contact that holds a Salesforce record by id. A record that two contacts claim goes to the better
-- claim, then to the lower contact id; a contact with two claims keeps the better one. Grain: hubspot_id.
WITH best_holder AS (
    SELECT *
    FROM person_claim
    QUALIFY row_number() OVER (PARTITION BY salesforce_id ORDER BY priority, is_followed, hubspot_id) = 1
)

SELECT *
FROM best_holder
QUALIFY row_number() OVER (PARTITION BY hubspot_id ORDER BY priority, salesforce_id) = 1
