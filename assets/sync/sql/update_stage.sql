-- One row per request that asks for a stage and finds its record: what comes of it. The last request for a record counts (P2-9D), and
-- a stage that the rules give it tonight counts as present. Grain: update_no, line, hubspot_id.
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
        present.position > request.position AS is_backward,
        row_number() OVER (
            PARTITION BY request.object, request.pair_id ORDER BY request.stage IS NULL, request.update_no DESC, request.line DESC
        ) AS place
    FROM update_request AS request
    INNER JOIN standing ON request.object = standing.object AND request.pair_id = standing.pair_id
    LEFT JOIN given ON request.object = given.object AND request.pair_id = given.pair_id
    LEFT JOIN stage_order AS present ON request.object = present.object AND present.stage = coalesce(given.after, standing.stage)
    WHERE request.code IS NULL AND request.said IS NOT NULL
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
        WHEN placed.place > 1 THEN 'doubled_row'
        WHEN placed.is_backward AND NOT stage_update.steps_back THEN 'stage_backward'
        WHEN held.pair_id IS NOT NULL THEN 'held_back: lifecyclestage'
    END AS code,
    coalesce(placed.wanted = placed.present, FALSE) AS is_same
FROM placed
INNER JOIN stage_update ON placed.update_no = stage_update.update_no
LEFT JOIN named_pair AS held
    ON placed.object = held.object AND placed.pair_id = held.pair_id AND held.purpose = 'hold_back' AND held.field = 'lifecyclestage'
