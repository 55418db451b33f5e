-- Keys with the number of their record, nicknames, and what no CRM delivers as blanks. Grain: one row a record (r; null for one
-- that is gone).
WITH short AS (
    SELECT first, list(nick) AS nicks
    FROM nickname
    GROUP BY first
)

SELECT
    field_record.r,
    key.*,
    nullif(split_part(key.email_canon, '@', 1), '') AS email_local,
    NULL::VARCHAR AS dob,
    NULL::VARCHAR AS birth_place,
    NULL::VARCHAR AS gender,
    NULL::VARCHAR AS gid,
    short.nicks
FROM key
LEFT JOIN field_record ON key.record = field_record.record
LEFT JOIN short ON key.first = short.first
