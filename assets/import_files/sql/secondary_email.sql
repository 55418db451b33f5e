-- One row per contact and secondary e-mail, as one text: record id, space, e-mail in lower case. Grain: pair.
SELECT s.hs_object_id || ' ' || lower(trim(s.email)) AS pair
FROM (
    SELECT
        hs_object_id,
        unnest(string_split(CAST(hs_additional_emails AS VARCHAR), ';')) AS email
    FROM staged__hubspot__contact
    WHERE op = 'upsert'
) AS s
WHERE trim(s.email) <> ''
