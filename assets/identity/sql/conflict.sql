-- What else the records of an entity say of a field, alike ones once. Grain: an entity, field and way of saying it.
SELECT
    ranked.entity_id,
    ranked.field,
    ranked.policy,
    arg_min(
        { 'value': ranked.value, 'record': ranked.record },
        { 'a': ranked.place_1, 'b': ranked.place_2, 'c': ranked.place_3, 'd': ranked.record }
    ) AS told
FROM ranked_value AS ranked
INNER JOIN best_value AS best ON ranked.entity_id = best.entity_id AND ranked.field = best.field AND best.is_spread
INNER JOIN alike ON ranked.value = alike.value
INNER JOIN alike AS chosen ON best.value = chosen.value
WHERE alike.same <> chosen.same
GROUP BY ranked.entity_id, ranked.field, ranked.policy, alike.same
