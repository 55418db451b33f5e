-- Pairs of the night before that are none tonight. Grain: a pair (a, b).
WITH standing AS (
    SELECT known_pair.a, known_pair.b
    FROM known_pair
    ANTI JOIN left_pair ON known_pair.a = left_pair.a AND known_pair.b = left_pair.b
)

SELECT before.entity, before.a, before.b
FROM pair_before AS before
ANTI JOIN fresh_pair ON before.a = fresh_pair.a AND before.b = fresh_pair.b
ANTI JOIN standing ON before.a = standing.a AND before.b = standing.b
