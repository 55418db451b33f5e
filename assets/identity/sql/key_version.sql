-- Keys that are not those of the night before, and a row without any for each record that is gone. Grain: a record.
SELECT base.*, field_hash.compared_hash, field_hash.row_hash, FALSE AS gone
FROM base
SEMI JOIN new_version ON base.record = new_version.record
INNER JOIN field_hash ON base.record = field_hash.record
UNION ALL BY NAME
SELECT
    level.entity,
    gone_key.record,
    FALSE AS live,
    CAST([] AS VARCHAR[]) AS emails,
    CAST([] AS VARCHAR[]) AS mailboxes,
    '' AS compared_hash,
    '' AS row_hash,
    TRUE AS gone
FROM gone_key
CROSS JOIN level
