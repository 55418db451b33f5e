-- Pairs that are worth a look: of the model's `review` weight and above, or asked for by a tier. Grain: a pair (a, b), a < b.
SELECT weighed.*
FROM weighed
CROSS JOIN review_level
WHERE weighed.weight >= review_level.review OR weighed.rules >= review_level.asked
