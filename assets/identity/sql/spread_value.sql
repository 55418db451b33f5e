-- Values of fields on which the records of an entity do not agree. Grain: a value.
SELECT DISTINCT ranked.value
FROM ranked_value AS ranked
SEMI JOIN best_value AS best ON ranked.entity_id = best.entity_id AND ranked.field = best.field AND best.is_spread
