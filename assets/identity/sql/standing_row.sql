-- Rows of the night before about entities of this kind that nothing touched: their ids begin with what they are. Grain: a row.
SELECT known_row.*
FROM known_row
CROSS JOIN level
ANTI JOIN left_entity ON known_row.group_id = left_entity.entity_id
WHERE starts_with(known_row.group_id, level.entity || ':')
