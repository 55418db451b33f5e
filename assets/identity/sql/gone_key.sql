-- Records of the night before that are there no more. Grain: a record.
SELECT known_hash.entity, known_hash.record
FROM known_hash
ANTI JOIN field_record ON known_hash.record = field_record.record
