-- One row per candidate and direction, as `outcome`, with what bulk updates make of it: a record that the sync leaves alone may be
-- updated by one, and says why the sync did not touch it as a warning. Grain: object, pair_id, direction.
WITH merged AS (
    SELECT
        coalesce(outcome.object, asked.object) AS object,
        coalesce(outcome.pair_id, asked.pair_id) AS pair_id,
        coalesce(outcome.direction, 'to_hubspot') AS direction,
        outcome.block,
        CASE
            WHEN coalesce(asked.fields, 0) > 0 AND coalesce(outcome.outcome, '') NOT IN ('create', 'update') THEN 'update'
            ELSE coalesce(outcome.outcome, 'unchanged')
        END AS outcome,
        CASE
            WHEN coalesce(asked.fields, 0) = 0 THEN coalesce(outcome.reasons, CAST([] AS VARCHAR[]))
            WHEN outcome.outcome IN ('create', 'update') THEN list_concat(outcome.reasons, ['lifecycle_update'])
            ELSE ['lifecycle_update']
        END AS reasons,
        CASE
            WHEN asked.pair_id IS NULL THEN outcome.warnings
            ELSE list_sort(list_distinct(list_concat(
                coalesce(outcome.warnings, CAST([] AS VARCHAR[])),
                list_concat(
                    asked.warnings,
                    CASE WHEN asked.fields > 0 AND outcome.outcome IN ('skip', 'reject') THEN outcome.reasons ELSE CAST([] AS VARCHAR[]) END
                )
            )))
        END AS warnings,
        CASE WHEN coalesce(asked.fields, 0) > 0 THEN coalesce(outcome.since, run.night) ELSE outcome.since END AS since
    FROM outcome
    FULL JOIN update_outcome AS asked ON outcome.object = asked.object AND outcome.pair_id = asked.pair_id AND outcome.direction = 'to_hubspot'
    CROSS JOIN run
)

SELECT
    merged.* EXCLUDE (warnings),
    -- An operation that the import's mode cannot carry stays in the plan and out of the files (P2-93).
    CASE
        WHEN merged.direction = 'to_hubspot' AND merged.outcome IN ('create', 'update') AND run.import_mode NOT IN ('upsert', merged.outcome)
            THEN list_append(merged.warnings, 'import_mode')
        ELSE merged.warnings
    END AS warnings
FROM merged
CROSS JOIN run
