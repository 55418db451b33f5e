-- One row per company that is created without a domain and has contacts in HubSpot already: the associations of its body.
-- Grain: link. 280 is HubSpot's own number for company to contact.
WITH member AS (
    SELECT DISTINCT
        b.account_id AS link,
        '{"to":{"id":"' || b.hubspot_id || '"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":280}]}' AS body
    FROM belonging AS b
    INNER JOIN operation AS o
        ON
            b.account_id = o.link
            AND o.target = 'hubspot'
            AND o.object = 'company'
            AND o.operation = 'create'
            AND o.variant = 'unnamed'
    WHERE b.hubspot_id IS NOT NULL
)

SELECT
    link,
    '[' || string_agg(body, ',' ORDER BY body) || ']' AS associations
FROM member
GROUP BY link
