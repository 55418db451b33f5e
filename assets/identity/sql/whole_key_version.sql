-- A whole night of keys as versions: what the whole night before has otherwise, and a row without any key for each record
-- that is gone since. Grain: a record.
WITH other AS (
    SELECT * FROM whole_key
    EXCEPT
    SELECT * FROM whole_key_before
)

SELECT
    *,
    FALSE AS gone
FROM other
UNION ALL BY NAME
SELECT
    before.entity,
    before.record,
    FALSE AS live,
    CAST([] AS VARCHAR[]) AS emails,
    CAST([] AS VARCHAR[]) AS mailboxes,
    '' AS compared_hash,
    '' AS row_hash,
    TRUE AS gone
FROM whole_key_before AS before
ANTI JOIN whole_key ON before.record = whole_key.record
ORDER BY record
