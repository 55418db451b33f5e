-- One row per live HubSpot contact and data-sync app other than Salesforce with a stage selection: as what it goes out, or why it does
-- not (P1-01 to P1-06). An app's filter keeps a contact from its first sync only: who went out once goes on (P2-73); `since` is the night
-- on which it first did, and is carried on while it does not. Listed as decisions only; Crosswalk makes no deltas for these apps.
-- Grain: app, hubspot_id.
WITH went_out AS (
    SELECT before.direction, before.hubspot_id, coalesce(before.since, before.night) AS since
    FROM before__decision AS before
    INNER JOIN run ON before.night = run.previous_night
    INNER JOIN app ON before.direction = 'to_' || app.name
    WHERE before.outcome = 'unchanged' OR before.since IS NOT NULL
),

judged AS (
    SELECT
        hs.hubspot_id,
        hs.key,
        'to_' || app.name AS direction,
        CASE
            WHEN hs.key IS NULL THEN 'no_email'
            WHEN list_contains(app.lead_stages, hs.stage) THEN 'goes_out_as_lead'
            WHEN list_contains(app.contact_stages, hs.stage) THEN 'goes_out_as_contact'
            ELSE 'stage_not_selected'
        END AS routed,
        app.filter_segment_id IS NOT NULL AND inside.record_id IS NULL AND went_out.hubspot_id IS NULL AS is_filtered,
        went_out.since,
        run.night
    FROM hubspot_record AS hs
    CROSS JOIN app
    CROSS JOIN run
    LEFT JOIN core__segment__membership AS inside
        ON app.filter_segment_id = inside.segment_id AND hs.hubspot_id = inside.record_id AND inside.change <> 'left'
    LEFT JOIN went_out ON 'to_' || app.name = went_out.direction AND hs.hubspot_id = went_out.hubspot_id
    WHERE hs.object = 'person'
)

SELECT
    'person' AS object,
    direction,
    hubspot_id,
    CASE routed WHEN 'goes_out_as_lead' THEN 'Lead' WHEN 'goes_out_as_contact' THEN 'Contact' END AS salesforce_object,
    CAST(NULL AS VARCHAR) AS salesforce_id,
    key AS email,
    CASE WHEN starts_with(routed, 'goes_out') AND NOT is_filtered THEN 'unchanged' ELSE 'skip' END AS outcome,
    coalesce(since, CASE WHEN starts_with(routed, 'goes_out') AND NOT is_filtered THEN night END) AS since,
    CASE WHEN starts_with(routed, 'goes_out') AND is_filtered THEN ['outside_filter'] ELSE [routed] END AS reasons,
    CAST([] AS VARCHAR[]) AS warnings
FROM judged
