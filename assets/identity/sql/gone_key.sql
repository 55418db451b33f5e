-- Records of the night before that are there no more. Grain: a record.
SELECT known_key.entity, known_key.record
FROM known_key
ANTI JOIN field_record ON known_key.record = field_record.record
