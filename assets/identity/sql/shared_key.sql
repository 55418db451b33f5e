-- Exact keys that several records share: addresses (T1), mailboxes (T2), company domains (T1). Grain: kind, value.
-- `names` counts different names behind the value; an office has many, a person one or two.
SELECT
    address.kind,
    address.value,
    any_value(address.tier) AS tier,
    count(DISTINCT address.r) AS records,
    count(DISTINCT coalesce(base.sound_last, base.sound_first, base.company)) AS names,
    bool_or(address.role) AS role,
    min(address.record) AS first_record
FROM address
INNER JOIN base ON address.r = base.r
GROUP BY address.kind, address.value
HAVING count(DISTINCT address.r) > 1
