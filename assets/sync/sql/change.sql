-- core/sync/change: one row a field of each operation; a delete has none. Grain: system, object, pair_id, sequence, field.
WITH clears AS (
    SELECT DISTINCT object, pair_id
    FROM written_field
    WHERE action = 'to_hubspot' AND NOT is_create AND after IS NULL
)

SELECT
    CASE WHEN changed.action = 'to_hubspot' THEN 'hubspot' ELSE 'salesforce' END AS system,
    CASE
        WHEN changed.action = 'to_salesforce' THEN lower(changed.salesforce_object)
        WHEN changed.object = 'person' THEN 'contact'
        ELSE 'company'
    END AS object,
    CASE
        WHEN changed.is_create THEN 'create'
        WHEN changed.action = 'to_hubspot' AND changed.after IS NULL THEN 'clear'
        ELSE 'update'
    END AS op,
    CASE
        WHEN changed.is_create THEN NULL
        WHEN changed.action = 'to_hubspot' THEN standing.hubspot_id
        ELSE standing.salesforce_id
    END AS record_id,
    CASE
        WHEN changed.action = 'to_salesforce' AND changed.object = 'company' AND changed.is_create THEN new_name.after
        WHEN changed.action = 'to_salesforce' AND changed.object = 'company' THEN standing.salesforce_key
        WHEN changed.action = 'to_hubspot' AND changed.object = 'company' AND changed.is_create
            THEN coalesce(new_domain.after, standing.salesforce_key)
        ELSE coalesce(standing.hubspot_key, standing.salesforce_key)
    END AS key,
    CASE WHEN changed.action = 'to_hubspot' THEN standing.salesforce_id ELSE standing.hubspot_id END AS link,
    CAST(
        CASE WHEN changed.action = 'to_hubspot' AND changed.after IS NOT NULL AND clears.pair_id IS NOT NULL THEN 2 ELSE 1 END AS BIGINT
    ) AS sequence,
    changed.pair_id,
    changed.field,
    changed.before,
    changed.after,
    changed.rule,
    changed.because
FROM written_field AS changed
INNER JOIN standing ON changed.object = standing.object AND changed.pair_id = standing.pair_id
LEFT JOIN clears ON changed.object = clears.object AND changed.pair_id = clears.pair_id
LEFT JOIN written_field AS new_name
    ON changed.object = new_name.object AND changed.pair_id = new_name.pair_id AND new_name.action = 'to_salesforce' AND new_name.field = 'Name'
LEFT JOIN written_field AS new_domain
    ON changed.object = new_domain.object AND changed.pair_id = new_domain.pair_id AND new_domain.action = 'to_hubspot' AND new_domain.field = 'domain'
