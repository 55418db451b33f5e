-- Pairs of the night before that are none tonight. Grain: a pair (a, b).
SELECT before.entity, before.a, before.b
FROM pair_before AS before
ANTI JOIN identity_pair AS pair ON before.a = pair.a AND before.b = pair.b
