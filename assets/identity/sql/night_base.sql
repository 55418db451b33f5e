-- Keys with a number in the order of names, nicknames, and what no CRM delivers as blanks. Grain: one row a record (r).
-- Names alone are sorted, and not the whole rows.
WITH numbered AS (
    SELECT
        record,
        row_number() OVER (ORDER BY record) - 1 AS r
    FROM key
),

short AS (
    SELECT
        first,
        list(nick) AS nicks
    FROM nickname
    GROUP BY first
)

SELECT
    numbered.r,
    key.*,
    nullif(split_part(key.email_canon, '@', 1), '') AS email_local,
    NULL::VARCHAR AS dob,
    NULL::VARCHAR AS birth_place,
    NULL::VARCHAR AS gender,
    NULL::VARCHAR AS gid,
    short.nicks
FROM key
INNER JOIN numbered ON key.record = numbered.record
LEFT JOIN short ON key.first = short.first
