-- Links that matching makes where sync.yaml lets a tier (`identity.auto_link`): between records that no stored id and no address
-- links tonight or linked before, each the other's likeliest. `rule` is the tier. Grain: hubspot_id.
WITH
known AS (
    SELECT hubspot_id, salesforce_id FROM rule_link
    UNION ALL
    SELECT hubspot_id, salesforce_id FROM core__sync__ledger
    WHERE hubspot_id IS NOT NULL AND salesforce_id IS NOT NULL
),

candidate AS (
    SELECT
        split_part(pair.a, '/', 2) AS hubspot_object,
        split_part(pair.a, '/', 3) AS hubspot_id,
        CASE split_part(pair.b, '/', 2) WHEN 'lead' THEN 'Lead' WHEN 'contact' THEN 'Contact' ELSE 'Account' END AS salesforce_object,
        split_part(pair.b, '/', 3) AS salesforce_id,
        pair.tier AS rule,
        pair.weight
    FROM core__identity__pair AS pair
    SEMI JOIN auto_tier ON pair.tier = auto_tier.tier
    WHERE NOT pair.gone AND pair.zone = 'merge' AND starts_with(pair.a, 'hubspot/') AND starts_with(pair.b, 'salesforce/')
),

free AS (
    SELECT candidate.*
    FROM candidate
    ANTI JOIN known AS ours ON candidate.hubspot_id = ours.hubspot_id
    ANTI JOIN known AS theirs ON candidate.salesforce_id = theirs.salesforce_id
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY hubspot_object, hubspot_id ORDER BY rule, weight DESC, salesforce_object, salesforce_id) AS of_hubspot,
        row_number() OVER (PARTITION BY salesforce_id ORDER BY rule, weight DESC, hubspot_id) AS of_salesforce
    FROM free
)

SELECT hubspot_id, salesforce_object, salesforce_id, rule, 1::BIGINT AS rank, TRUE AS is_current
FROM ranked
WHERE of_hubspot = 1 AND of_salesforce = 1
