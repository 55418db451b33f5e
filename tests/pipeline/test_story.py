"""What `explain` tells of a pair over several nights."""

from pathlib import Path

from assets.shared.lake import Lake
from pipelines.report.story import tell
from tests.support.configuration import write_config
from tests.support.ids import real
from tests.support.portal import Portal, night_of
from tests.support.run import run_night


def test_what_a_record_was_asked_for_with_is_not_told_once_it_is_there(tmp_path: Path) -> None:
    """One row a field of the pair, before and after the lead answers."""
    portal = Portal()
    config = write_config(tmp_path / "sync.yaml", {"initial_sync": "full"})
    lake = Lake(tmp_path / "lake")
    steps = ({}, {"H1": {"email": "a@x.com"}}, {"L1": {"Email": "a@x.com"}})
    told = []
    for number, step in enumerate(steps, 1):
        for name, values in step.items():
            portal.edit(name, values, night_of(number))
        portal.write(tmp_path / "exports" / night_of(number))
        run_night(config, lake.root, night_of(number))
    for night in (night_of(2), night_of(3)):
        fields = [(row["mapping"], row["salesforce_id"]) for row in tell(lake, real("H1"), night).ledger_fields]
        assert len({mapping for mapping, _ in fields}) == len(fields) > 0
        told.append({salesforce_id for _, salesforce_id in fields})
    assert told == [{None}, {real("L1")}]
