-- One row per list or segment of tonight, with its number of members; nulls where members cannot be known.
-- Reads segment_all and segment_change. Grain: segment_id.
SELECT
    segment_all.segment_id,
    segment_all.name,
    segment_all.object,
    segment_all.kind,
    segment_all.source,
    segment_all.reasons,
    segment_all.definition_hash,
    CASE WHEN segment_all.source IS NOT NULL THEN coalesce(counted.members, 0) END AS members,
    CASE WHEN segment_all.source IS NOT NULL THEN coalesce(counted.entered, 0) END AS entered,
    CASE WHEN segment_all.source IS NOT NULL THEN coalesce(counted.gone, 0) END AS "left"
FROM segment_all
LEFT JOIN (
    SELECT
        segment_id,
        count(*) FILTER (WHERE change <> 'left') AS members,
        count(*) FILTER (WHERE change = 'entered') AS entered,
        count(*) FILTER (WHERE change = 'left') AS gone
    FROM segment_change
    GROUP BY segment_id
) AS counted ON segment_all.segment_id = counted.segment_id
