-- Keys that are not those of the night before. Grain: a record.
SELECT base.*, field_hash.compared_hash, field_hash.row_hash
FROM base
SEMI JOIN new_version ON base.record = new_version.record
INNER JOIN field_hash ON base.record = field_hash.record
