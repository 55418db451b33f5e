-- One row per e-mail address and live HubSpot contact that has it, as its primary or a secondary one (P2-27). Grain: email, hubspot_id, is_primary.
SELECT key AS email, hubspot_id, TRUE AS is_primary
FROM hubspot_record
WHERE object = 'person' AND key IS NOT NULL
UNION ALL
SELECT DISTINCT lower(trim(unnest(string_split(secondary_emails, ';')))) AS email, hubspot_id, FALSE AS is_primary
FROM hubspot_record
WHERE object = 'person' AND secondary_emails IS NOT NULL
