-- One row per living contact: whether it is a marketing contact, and whether it stops being one at the next update date (P2-A3).
-- Grain: hs_object_id. After that date, where the CRM has not said so yet, it has stopped.
SELECT
    c.hs_object_id,
    lower(CAST(c.hs_marketable_status AS VARCHAR)) = 'true'
    AND NOT (run.is_updated AND coalesce(lower(CAST(c.hs_marketable_until_renewal AS VARCHAR)) = 'true', FALSE)) AS is_marketing,
    NOT run.is_updated AND lower(CAST(c.hs_marketable_until_renewal AS VARCHAR)) = 'true' AS stops
FROM staged__hubspot__contact AS c
CROSS JOIN run
WHERE c.op = 'upsert'
