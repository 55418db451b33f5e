-- One row per request that asks for a stage and finds its record: what comes of it. Of one file the last row of a record counts (P2-9D).
-- Of several updates each is taken from where those before it lead: one that steps back sets its stage, any other moves forward only
-- (P1-62, P1-66), so the furthest since the last step back is what comes of them. A stage that the rules give the record tonight counts as
-- present. Grain: update_no, line, hubspot_id.
WITH given AS (
    SELECT object, pair_id, after
    FROM changed_field
    WHERE action = 'to_hubspot' AND field = 'lifecyclestage' AND NOT is_create
),

placed AS (
    SELECT
        request.update_no,
        request.line,
        request.object,
        request.pair_id,
        request.hubspot_id,
        standing.stage AS before,
        coalesce(given.after, standing.stage) AS present,
        request.stage AS wanted,
        request.position,
        present.position > request.position AS is_backward,
        stage_update.steps_back,
        row_number() OVER (
            PARTITION BY request.object, request.pair_id, request.update_no ORDER BY request.stage IS NULL, request.line DESC
        ) AS place
    FROM update_request AS request
    INNER JOIN stage_update ON request.update_no = stage_update.update_no
    INNER JOIN standing ON request.object = standing.object AND request.pair_id = standing.pair_id
    LEFT JOIN given ON request.object = given.object AND request.pair_id = given.pair_id
    LEFT JOIN stage_order AS present ON request.object = present.object AND present.stage = coalesce(given.after, standing.stage)
    WHERE request.code IS NULL AND request.said IS NOT NULL
),

stepped AS (
    SELECT object, pair_id, max(update_no) AS update_no
    FROM placed
    WHERE place = 1 AND wanted IS NOT NULL AND steps_back
    GROUP BY object, pair_id
),

counted AS (
    SELECT
        placed.object,
        placed.pair_id,
        placed.update_no,
        row_number() OVER (
            PARTITION BY placed.object, placed.pair_id ORDER BY placed.position DESC, placed.update_no DESC
        ) = 1 AS is_furthest
    FROM placed
    LEFT JOIN stepped ON placed.object = stepped.object AND placed.pair_id = stepped.pair_id
    WHERE placed.place = 1 AND placed.wanted IS NOT NULL AND placed.update_no >= coalesce(stepped.update_no, placed.update_no)
)

SELECT
    placed.update_no,
    placed.line,
    placed.object,
    placed.pair_id,
    placed.hubspot_id,
    placed.before,
    placed.wanted,
    CASE
        WHEN placed.wanted IS NULL THEN 'invalid_enumeration_option: lifecyclestage'
        WHEN placed.place > 1 OR counted.update_no IS NULL THEN 'doubled_row'
        WHEN placed.is_backward AND stepped.update_no IS NULL THEN 'stage_backward'
        WHEN NOT counted.is_furthest AND placed.update_no > furthest.update_no THEN 'stage_backward'
        WHEN NOT counted.is_furthest THEN 'doubled_row'
        WHEN held.pair_id IS NOT NULL THEN 'held_back: lifecyclestage'
    END AS code,
    coalesce(placed.wanted = placed.present, FALSE) AS is_same
FROM placed
LEFT JOIN stepped ON placed.object = stepped.object AND placed.pair_id = stepped.pair_id
LEFT JOIN counted ON placed.object = counted.object AND placed.pair_id = counted.pair_id AND placed.update_no = counted.update_no
LEFT JOIN counted AS furthest ON placed.object = furthest.object AND placed.pair_id = furthest.pair_id AND furthest.is_furthest
LEFT JOIN named_pair AS held
    ON placed.object = held.object AND placed.pair_id = held.pair_id AND held.purpose = 'hold_back' AND held.field = 'lifecyclestage'
