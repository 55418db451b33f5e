-- One row per HubSpot company and Salesforce account that belong together: by the ledger, by the stored account id, then through
-- contacts that both sides attach to them, never by domain (P2-51, SC-A0); and what answers a create of ours. Grain: hubspot_id, salesforce_id.
WITH account AS (
    SELECT Id AS salesforce_id, CreatedDate AS created_at
    FROM staged__salesforce__account
    WHERE op = 'upsert'
),

company AS (
    SELECT hs_object_id AS hubspot_id, nullif(trim(salesforceaccountid), '') AS stored_account_id
    FROM staged__hubspot__company
    WHERE op = 'upsert'
),

shared_contact AS (
    SELECT
        of_company.company_id AS hubspot_id,
        sf.account_id AS salesforce_id,
        count(DISTINCT person.hubspot_id) AS contacts
    FROM person_link AS person
    INNER JOIN salesforce_person AS sf ON person.salesforce_id = sf.salesforce_id AND sf.account_id IS NOT NULL
    INNER JOIN staged__hubspot__contact_company AS of_company
        ON person.hubspot_id = of_company.contact_id AND of_company.op = 'upsert' AND coalesce(of_company."primary", TRUE)
    WHERE person.is_current
    GROUP BY of_company.company_id, sf.account_id
),

claim AS (
    SELECT hubspot_id, salesforce_id, 'ledger' AS rule, 1 AS priority, 0 AS contacts
    FROM core__sync__ledger
    WHERE object = 'company' AND hubspot_id IS NOT NULL AND salesforce_id IS NOT NULL
    UNION ALL
    SELECT hubspot_id, stored_account_id AS salesforce_id, 'stored_id' AS rule, 2 AS priority, 0 AS contacts
    FROM company
    WHERE stored_account_id IS NOT NULL
    UNION ALL
    SELECT hubspot_id, salesforce_id, 'shared_contact' AS rule, 3 AS priority, contacts
    FROM shared_contact
    UNION ALL
    SELECT hubspot_id, salesforce_id, 'answer' AS rule, 4 AS priority, 0 AS contacts
    FROM company_answer
    UNION ALL
    -- An answer or what asked for it may have become another record, of another name.
    SELECT coalesce(heir.to_id, answered.hubspot_id) AS hubspot_id, answered.salesforce_id, 'answer' AS rule, 4 AS priority, 0 AS contacts
    FROM answered
    LEFT JOIN hubspot_successor AS heir ON answered.object = heir.object AND answered.hubspot_id = heir.from_id
    LEFT JOIN salesforce_successor AS became ON answered.salesforce_id = became.from_id
    WHERE answered.object = 'company' AND (heir.from_id IS NOT NULL OR became.from_id IS NOT NULL)
),

followed AS (
    SELECT
        claim.hubspot_id,
        coalesce(successor.to_id, claim.salesforce_id) AS salesforce_id,
        coalesce(successor.how, claim.rule) AS rule,
        claim.priority,
        claim.contacts,
        successor.to_id IS NOT NULL AS was_merged
    FROM claim
    LEFT JOIN salesforce_successor AS successor ON claim.salesforce_id = successor.from_id
),

-- A company whose account was not delivered keeps it: no other takes its place (design section 6).
absent AS (
    SELECT DISTINCT followed.hubspot_id
    FROM followed
    INNER JOIN staged__salesforce__account AS gone ON followed.salesforce_id = gone.Id AND gone.op = 'gone'
    WHERE followed.priority = 1
),

-- An account that a company holds by the ledger or by its id is not there for others: what else they claim comes first.
weighed AS (
    SELECT
        followed.*,
        followed.priority > 2 AND bool_or(followed.priority <= 2) OVER (PARTITION BY followed.salesforce_id) AS is_elsewhere
    FROM followed
    SEMI JOIN company ON followed.hubspot_id = company.hubspot_id
    LEFT JOIN absent ON followed.hubspot_id = absent.hubspot_id
    WHERE absent.hubspot_id IS NULL OR followed.priority = 1
),

ranked AS (
    SELECT
        followed.hubspot_id,
        followed.salesforce_id,
        followed.rule,
        followed.priority,
        followed.was_merged,
        row_number() OVER (
            PARTITION BY followed.hubspot_id
            ORDER BY followed.is_elsewhere, followed.priority, followed.contacts DESC, account.created_at, followed.salesforce_id
        ) AS rank
    FROM weighed AS followed
    INNER JOIN account ON followed.salesforce_id = account.salesforce_id
    QUALIFY
        row_number() OVER (PARTITION BY followed.hubspot_id, followed.salesforce_id ORDER BY followed.priority, followed.was_merged) = 1
),

-- An account keeps its own company when another is merged into it (X2).
single AS (
    SELECT *, row_number() OVER (PARTITION BY salesforce_id ORDER BY priority, was_merged, rank, hubspot_id) AS claim
    FROM ranked
)

SELECT hubspot_id, 'Account' AS salesforce_object, salesforce_id, rule, rank, rank = 1 AND claim = 1 AS is_current
FROM single
