-- One row per segment and record that is in it tonight, or was in it and left. Grain: segment_id, record_id.
-- Reads segment_tonight (a segment; past_hash and past_source as they were), segment_member, segment_past and run.
-- A record is an entry only where the segment was there the night before with the same definition and source (P2-12, X7).
WITH stay AS (
    SELECT
        coalesce(segment_member.segment_id, segment_past.segment_id) AS segment_id,
        coalesce(segment_member.record_id, segment_past.record_id) AS record_id,
        segment_member.record_id IS NOT NULL AS is_member,
        segment_past.record_id IS NOT NULL AS was_member,
        segment_member.joined,
        segment_past.since
    FROM segment_member
    FULL OUTER JOIN segment_past
        ON segment_member.segment_id = segment_past.segment_id AND segment_member.record_id = segment_past.record_id
)

SELECT
    stay.segment_id,
    stay.record_id,
    CASE
        WHEN NOT stay.is_member THEN 'left'
        WHEN stay.was_member THEN 'stayed'
        WHEN
            segment_tonight.past_hash = segment_tonight.definition_hash
            AND coalesce(segment_tonight.past_source, segment_tonight.source) = segment_tonight.source
            THEN 'entered'
        ELSE 'stayed'
    END AS change,
    CASE
        WHEN stay.was_member THEN stay.since
        WHEN segment_tonight.past_hash IS NULL THEN coalesce(stay.joined, run.night)
        ELSE run.night
    END AS since,
    segment_tonight.definition_hash,
    segment_tonight.source
FROM stay
INNER JOIN segment_tonight ON stay.segment_id = segment_tonight.segment_id
CROSS JOIN run
