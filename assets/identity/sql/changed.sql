-- Records that must be compared anew: new ones, those with another compared field, and those that are gone. Grain: a record.
SELECT record, FALSE AS gone
FROM moved_key
WHERE compared
UNION ALL
SELECT record, TRUE AS gone
FROM gone_key
