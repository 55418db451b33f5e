-- The records of a file as keys, with nicknames and without offices' mailboxes. Numbered by contents, so that the order of rows does
-- not matter. Grain: one row a record (r).
WITH
numbered AS (
    SELECT record, row_number() OVER (ORDER BY digest, record) - 1 AS r
    FROM key
),

short AS (
    SELECT first, list(nick) AS nicks
    FROM nickname
    GROUP BY first
)

SELECT
    numbered.r,
    key.* EXCLUDE (digest, email, email_canon, email_local),
    CASE WHEN inbox.email_canon IS NULL THEN key.email_canon END AS email_canon,
    CASE WHEN inbox.email_canon IS NULL THEN key.email_local END AS email_local,
    short.nicks
FROM key
INNER JOIN numbered ON key.record = numbered.record
LEFT JOIN short ON key.first = short.first
LEFT JOIN inbox ON key.email_canon = inbox.email_canon
