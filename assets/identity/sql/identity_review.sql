-- What guards stopped: pairs, and key values that too many records share. Grain: guard, a, b.
SELECT level.entity, settled.guard, x.record AS a, y.record AS b, settled.tier, settled.weight, 2::BIGINT AS records
FROM settled
CROSS JOIN level
INNER JOIN base AS x ON settled.a = x.r
INNER JOIN base AS y ON settled.b = y.r
WHERE settled.guard IS NOT NULL
UNION ALL
SELECT level.entity, crowded.guard, crowded.a, NULL AS b, crowded.tier, NULL AS weight, crowded.records
FROM crowded
CROSS JOIN level
