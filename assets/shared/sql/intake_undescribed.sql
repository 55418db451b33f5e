-- One row per rejected description of a field that neither tonight's other rows nor an earlier night describe: nobody can tell what
-- the field is, or whether there is one. Grain: source_file, source_line.
SELECT refused.source_file, refused.source_line, refused.reasons
FROM refused
LEFT JOIN state ON refused.record_id = state.record_key AND state.op = 'upsert'
LEFT JOIN intake_winner ON refused.record_id = intake_winner.record_key
WHERE state.record_key IS NULL AND intake_winner.record_key IS NULL
