"""Numbers of a night that the decisions' page shows."""

from pathlib import Path

from assets.shared.lake import Lake
from assets.sync.decide import reasons

OUTCOMES = """
CREATE TABLE night_outcome AS SELECT * FROM (VALUES
    ('skip', ['not_in_segment']), ('skip', ['not_in_segment', 'no_email']), ('update', ['mapped_change']),
    ('reject', ['required_field_missing: LastName']), ('reject', ['required_field_missing: Company']),
    ('unchanged', ['no_trigger'])
) AS t (outcome, reasons)
"""


def test_reasons_are_counted_for_those_that_do_not_sync_whatever_the_field(tmp_path: Path) -> None:
    with Lake(tmp_path).connect("2026-11-20") as session:
        session.con.execute(OUTCOMES)
        assert reasons(session) == {"no_email": 1, "not_in_segment": 2, "required_field_missing": 2}
