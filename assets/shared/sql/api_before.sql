-- One row per entity: its newest earlier fetch through the API, and the newest night on which all its ids were compared.
SELECT
    asked.entity,
    max(asked.night) AS night,
    arg_max(asked.asked_at, asked.night) AS asked_at,
    max(CASE WHEN asked.swept THEN asked.night END) AS swept_night,
    arg_max(coalesce(asked.columns, []), asked.night) AS columns
FROM asked
GROUP BY asked.entity
