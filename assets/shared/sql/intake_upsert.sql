-- One row per record that is new tonight, differs from its newest version, or is back. Grain: record_key.
SELECT intake_winner.record_key, intake_winner.row_hash, intake_winner.source_file, intake_winner.source_line
FROM intake_winner
ANTI JOIN intake_ending ON intake_winner.record_key = intake_ending.record_key
ANTI JOIN state
    ON
        intake_winner.record_key = state.record_key
        AND intake_winner.row_hash = state.row_hash
        AND state.op = 'upsert'
