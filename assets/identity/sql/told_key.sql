-- Keys of the records of two entities. Grain: a record.
SELECT key.*
FROM core__identity__key AS key
SEMI JOIN told_member ON key.record = told_member.record
