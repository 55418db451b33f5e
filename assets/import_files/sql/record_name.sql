-- One row per e-mail or domain that finds a living record, primary ones first. Grain: name, record_id.
SELECT
    name,
    hs_object_id AS record_id
FROM staged_record
WHERE op = 'upsert' AND name <> ''
UNION ALL BY NAME
SELECT
    unnest(string_split(CAST(hs_additional_emails AS VARCHAR), ';')) AS name,
    hs_object_id AS record_id
FROM staged_record
WHERE op = 'upsert' AND hs_additional_emails <> '' AND object = 'contact'
