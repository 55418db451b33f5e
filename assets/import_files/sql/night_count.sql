-- One row per system and operation: how many operations the night has. Grain: system, op.
SELECT
    system,
    op,
    count(*) AS operations
FROM night_delta
GROUP BY system, op
