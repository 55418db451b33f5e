-- Exact keys that join nobody, as what a reviewer is told of them. Grain: kind, value.
SELECT
    CASE WHEN role OR names >= 3 THEN 'role_inbox' ELSE 'shared_key' END AS guard,
    first_record AS a,
    tier,
    records
FROM shared_key
WHERE NOT open
