-- Every pair to be judged: found by blocking or by a deterministic tier. Grain: a pair (a, b), a < b.
-- The highest bit of `rules` says that a tier asks for the pair, whatever it weighs.
SELECT a, b, bit_or(rules) AS rules
FROM (
    SELECT a, b, rules FROM pair
    UNION ALL
    SELECT a, b, 4611686018427387904::BIGINT AS rules FROM tier_edge
) AS found
GROUP BY a, b
