-- The keys of a record with the nicknames of its first name. Grain: one row a record (r).
SELECT
    given.*,
    known.nicks
FROM keys_given AS given
LEFT JOIN (SELECT
    first,
    list(nick) AS nicks
FROM nickname
GROUP BY first) AS known ON given.first = known.first
