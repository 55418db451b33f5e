-- Keys with a number in the order of names, nicknames, and what no CRM delivers as blanks. Grain: one row a record (r).
SELECT
    row_number() OVER (ORDER BY key.record) - 1 AS r,
    key.*,
    nullif(split_part(key.email_canon, '@', 1), '') AS email_local,
    NULL::VARCHAR AS dob,
    NULL::VARCHAR AS birth_place,
    NULL::VARCHAR AS gender,
    NULL::VARCHAR AS gid,
    short.nicks
FROM key
LEFT JOIN (SELECT
    first,
    list(nick) AS nicks
FROM nickname
GROUP BY first) AS short ON key.first = short.first
