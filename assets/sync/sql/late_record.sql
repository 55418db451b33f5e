-- One row per Salesforce lead or contact that broke its contract from the night on which it was new, and is good now: it is new all the
-- same (SC-A5). Grain: salesforce_id.
SELECT DISTINCT refused.record_id AS salesforce_id
FROM (
    SELECT record_id, night
    FROM rejected__salesforce__lead
    UNION ALL
    SELECT record_id, night
    FROM rejected__salesforce__contact
) AS refused
INNER JOIN earlier_window ON refused.night = earlier_window.night
INNER JOIN salesforce_record AS sf ON refused.record_id = sf.salesforce_id AND sf.created_at > earlier_window.window_start
ANTI JOIN past ON refused.record_id = past.salesforce_id
