-- One row per field that may move something tonight: its sides differ, one of them changed, or a value was given. All other fields are
-- only recorded. Grain: object, pair_id, mapping, is_reroute.
SELECT *
FROM field_state
WHERE NOT is_equal OR hubspot_changed OR salesforce_changed OR past_given_to IS NOT NULL
