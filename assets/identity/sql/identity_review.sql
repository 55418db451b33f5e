-- What guards stopped: pairs, and key values that too many records share. Grain: guard, a, b.
SELECT entity, guard, a, b, tier, weight, 2::BIGINT AS records
FROM identity_pair
WHERE guard IS NOT NULL
UNION ALL
SELECT
    level.entity,
    CASE WHEN shared_key.role OR shared_key.names >= 3 THEN 'role_inbox' ELSE 'shared_key' END AS guard,
    shared_key.first_record AS a,
    NULL AS b,
    shared_key.tier,
    NULL AS weight,
    shared_key.records
FROM shared_key
CROSS JOIN level
WHERE NOT shared_key.open
