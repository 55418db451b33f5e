-- One row per contact and company that belong together and of whom one is created by the night's files, or was by earlier ones
-- and is not seen associated yet. Grain: email, company_id or domain or unique_value. A company is found by its Record ID, a created one by its
-- domain or its unique property; none is there where it is created without. Whom its own body associates is not here (sql/company_contact.sql).
-- `record_id` and `link` name the contact where no e-mail may: its HubSpot id, if it has one yet, and its Salesforce id.
WITH created AS (
    SELECT o.object, o.link, o.identifier, o.variant
    FROM operation AS o
    ANTI JOIN held_operation AS h
        ON
            o.target = h.target
            AND o.object = h.object
            AND o.operation = h.operation
            AND o.link = h.link
    WHERE o.target = 'hubspot' AND o.operation = 'create' AND o.link IS NOT NULL
)

SELECT
    coalesce(p.identifier, b.email) AS email,
    b.company_id,
    CASE WHEN b.company_id IS NULL AND c.variant = '' THEN c.identifier END AS domain,
    CASE WHEN b.company_id IS NULL AND c.variant = 'by-unique' THEN c.identifier END AS unique_value,
    min(b.hubspot_id) AS record_id,
    min(b.salesforce_id) AS link
FROM belonging AS b
LEFT JOIN created AS p ON p.object = 'contact' AND b.salesforce_id = p.link
LEFT JOIN created AS c ON c.object = 'company' AND b.account_id = c.link
WHERE
    (p.link IS NOT NULL OR c.link IS NOT NULL OR (b.is_waiting AND b.hubspot_id IS NOT NULL))
    AND coalesce(p.identifier, b.email) <> ''
    AND (b.company_id IS NOT NULL OR c.link IS NOT NULL)
    AND (b.company_id IS NOT NULL OR c.variant <> 'unnamed' OR b.hubspot_id IS NULL)
GROUP BY 1, 2, 3, 4
ORDER BY ALL
