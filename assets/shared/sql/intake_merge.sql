-- One row per record that was merged into another, as of tonight: what tonight's survivors and losers say (api: both lists of a
-- HubSpot survivor count; a Salesforce loser names its master, P2-46), before that what was known; chains are followed to
-- their end, circles lead nowhere. Grain: record_key.
WITH RECURSIVE said AS (
    SELECT named.loser AS record_key, named.record_key AS survivor, 1 AS source
    FROM (
        SELECT
            seen.record_key,
            unnest(regexp_extract_all(coalesce(seen.merged, ''), '(?:^|;)\s*([0-9]+)', 1)) AS loser
        FROM seen
        SEMI JOIN intake_winner ON seen.record_key = intake_winner.record_key AND seen.row_hash = intake_winner.row_hash
        WHERE seen.merged IS NOT NULL AND NOT seen.deleted
    ) AS named
    UNION ALL
    SELECT seen.record_key, seen.master AS survivor, 1 AS source
    FROM seen
    SEMI JOIN intake_winner ON seen.record_key = intake_winner.record_key AND seen.row_hash = intake_winner.row_hash
    WHERE seen.master IS NOT NULL AND seen.deleted
    UNION ALL
    SELECT state.record_key, state.merged_into AS survivor, 2 AS source
    FROM state
    ANTI JOIN intake_winner ON state.record_key = intake_winner.record_key
    WHERE state.op = 'merge' AND state.merged_into IS NOT NULL
),

pair AS (
    SELECT said.record_key, said.survivor
    FROM said
    WHERE said.record_key <> said.survivor
    QUALIFY row_number() OVER (
        PARTITION BY said.record_key ORDER BY said.source, length(said.survivor) DESC, said.survivor DESC
    ) = 1
),

walk AS (
    SELECT pair.record_key, pair.survivor, 1 AS depth
    FROM pair
    UNION ALL
    SELECT walk.record_key, pair.survivor, walk.depth + 1 AS depth
    FROM walk
    INNER JOIN pair ON walk.survivor = pair.record_key
    WHERE walk.depth < 50 AND pair.survivor <> walk.record_key
)

SELECT walk.record_key, walk.survivor AS merged_into
FROM walk
ANTI JOIN pair ON walk.survivor = pair.record_key
QUALIFY row_number() OVER (PARTITION BY walk.record_key ORDER BY walk.depth) = 1
