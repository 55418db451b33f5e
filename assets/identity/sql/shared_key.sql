-- Exact keys that several records share: addresses (T1), mailboxes (T2), company domains (T1). Grain: kind, value.
-- `names` counts different names behind the value; an office has many, a person one or two. A role inbox, a value with three
-- names or more, and one that too many records share, join nobody (`open` is false).
SELECT
    kind,
    value,
    min(tier) AS tier,
    count(*) AS records,
    count(DISTINCT name) AS names,
    bool_or(role) AS role,
    min(record) AS first_record,
    NOT bool_or(role) AND count(DISTINCT name) < 3 AND count(*) <= 50 AS open
FROM address
GROUP BY kind, value
HAVING count(*) > 1
