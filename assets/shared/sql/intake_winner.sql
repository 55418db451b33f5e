-- One row per delivered record that counts tonight. Rows that are alike collapse; of different rows with one id the newest
-- modification wins; where the newest are several, none does. Grain: record_key.
WITH doubled AS (
    SELECT record_key
    FROM seen
    GROUP BY record_key
    HAVING count(*) > 1
),

ranked AS (
    SELECT
        seen.record_key,
        seen.row_hash,
        seen.source_file,
        seen.source_line,
        row_number() OVER (PARTITION BY seen.record_key, seen.row_hash ORDER BY seen.source_file, seen.source_line) AS copy,
        rank() OVER (PARTITION BY seen.record_key ORDER BY seen.modified DESC NULLS LAST) AS place
    FROM seen
    SEMI JOIN doubled ON seen.record_key = doubled.record_key
),

newest AS (
    SELECT record_key, count(DISTINCT row_hash) AS contents
    FROM ranked
    WHERE place = 1
    GROUP BY record_key
)

SELECT seen.record_key, seen.row_hash, seen.source_file, seen.source_line
FROM seen
ANTI JOIN doubled ON seen.record_key = doubled.record_key
UNION ALL
SELECT ranked.record_key, ranked.row_hash, ranked.source_file, ranked.source_line
FROM ranked
SEMI JOIN newest ON ranked.record_key = newest.record_key AND newest.contents = 1
WHERE ranked.place = 1 AND ranked.copy = 1
