-- One row per live HubSpot contact and data-sync app other than Salesforce with a stage selection: as what it goes out, or why it does
-- not (P1-01 to P1-06). Listed as decisions only; Crosswalk makes no deltas for these apps. Grain: app, hubspot_id.
SELECT
    'person' AS object,
    'to_' || app.name AS direction,
    hs.hubspot_id,
    CASE
        WHEN hs.key IS NULL THEN NULL
        WHEN list_contains(app.lead_stages, hs.stage) THEN 'Lead'
        WHEN list_contains(app.contact_stages, hs.stage) THEN 'Contact'
    END AS salesforce_object,
    CAST(NULL AS VARCHAR) AS salesforce_id,
    hs.key AS email,
    CASE
        WHEN hs.key IS NULL OR NOT list_contains(list_concat(app.lead_stages, app.contact_stages), coalesce(hs.stage, '')) THEN 'skip'
        ELSE 'unchanged'
    END AS outcome,
    CAST(NULL AS VARCHAR) AS since,
    CASE
        WHEN hs.key IS NULL THEN ['no_email']
        WHEN list_contains(app.lead_stages, hs.stage) THEN ['goes_out_as_lead']
        WHEN list_contains(app.contact_stages, hs.stage) THEN ['goes_out_as_contact']
        ELSE ['stage_not_selected']
    END AS reasons,
    CAST([] AS VARCHAR[]) AS warnings
FROM hubspot_record AS hs
CROSS JOIN app
WHERE hs.object = 'person'
