-- One row per record that broke its contract from the night on which it was new, and is good now: it is new all the same (SC-A5).
-- Grain: system, object, record_id.
WITH refused AS (
    SELECT 'salesforce' AS system, 'person' AS object, record_id, night
    FROM rejected__salesforce__lead
    UNION ALL
    SELECT 'salesforce' AS system, 'person' AS object, record_id, night
    FROM rejected__salesforce__contact
    UNION ALL
    SELECT 'salesforce' AS system, 'company' AS object, record_id, night
    FROM rejected__salesforce__account
    UNION ALL
    SELECT 'hubspot' AS system, 'person' AS object, record_id, night
    FROM rejected__hubspot__contact
    UNION ALL
    SELECT 'hubspot' AS system, 'company' AS object, record_id, night
    FROM rejected__hubspot__company
)

SELECT DISTINCT refused.system, refused.object, refused.record_id
FROM refused
INNER JOIN earlier_window ON refused.night > earlier_window.previous_night AND refused.night <= earlier_window.night
LEFT JOIN salesforce_record AS sf
    ON refused.system = 'salesforce' AND refused.object = sf.object AND refused.record_id = sf.salesforce_id
LEFT JOIN hubspot_record AS hs
    ON refused.system = 'hubspot' AND refused.object = hs.object AND refused.record_id = hs.hubspot_id
LEFT JOIN past
    ON
        refused.object = past.object
        AND refused.record_id = CASE refused.system WHEN 'salesforce' THEN past.salesforce_id ELSE past.hubspot_id END
WHERE coalesce(sf.created_at, hs.created_at) > earlier_window.window_start AND past.pair_id IS NULL
