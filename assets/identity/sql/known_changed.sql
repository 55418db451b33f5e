-- Changed and gone records with the keys of the night before. Grain: a record.
SELECT known_key.*
FROM known_key
SEMI JOIN changed ON known_key.record = changed.record
