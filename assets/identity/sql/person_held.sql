-- One row per HubSpot contact that holds a Salesforce record by id. A record that two contacts claim goes to the better
-- claim, then to the lower contact id; a contact with two claims keeps the better one, and the other record is free for
-- whoever claims it next: so in three rounds, of which the first settles all but doubled stored ids. Grain: hubspot_id.
WITH first_round AS (
    SELECT *
    FROM person_claim
    QUALIFY
        row_number() OVER (PARTITION BY salesforce_id ORDER BY priority, is_followed, hubspot_id) = 1
        AND row_number() OVER (PARTITION BY hubspot_id ORDER BY priority, is_followed, salesforce_id) = 1
),

second_left AS (
    SELECT claim.*
    FROM person_claim AS claim
    ANTI JOIN first_round AS theirs ON claim.salesforce_id = theirs.salesforce_id
    ANTI JOIN first_round AS ours ON claim.hubspot_id = ours.hubspot_id
),

second_round AS (
    SELECT *
    FROM second_left
    QUALIFY
        row_number() OVER (PARTITION BY salesforce_id ORDER BY priority, is_followed, hubspot_id) = 1
        AND row_number() OVER (PARTITION BY hubspot_id ORDER BY priority, is_followed, salesforce_id) = 1
),

third_round AS (
    SELECT claim.*
    FROM second_left AS claim
    ANTI JOIN second_round AS theirs ON claim.salesforce_id = theirs.salesforce_id
    ANTI JOIN second_round AS ours ON claim.hubspot_id = ours.hubspot_id
    QUALIFY
        row_number() OVER (PARTITION BY claim.salesforce_id ORDER BY claim.priority, claim.is_followed, claim.hubspot_id) = 1
        AND row_number() OVER (PARTITION BY claim.hubspot_id ORDER BY claim.priority, claim.is_followed, claim.salesforce_id) = 1
)

SELECT * FROM first_round
UNION ALL
SELECT * FROM second_round
UNION ALL
SELECT * FROM third_round
