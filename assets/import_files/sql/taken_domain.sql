-- One row per domain that a company in HubSpot has, in the one form that all ways of writing it share (`cells.domain_key`). Grain: domain.
SELECT DISTINCT
    regexp_replace(
        regexp_replace(regexp_replace(lower(trim(domain)), '^https?://', ''), '^www\.', ''), '\.?(?::\d+)?(?:[/?#].*)?$', ''
    ) AS domain
FROM staged__hubspot__company
WHERE op = 'upsert' AND trim(domain) <> ''
