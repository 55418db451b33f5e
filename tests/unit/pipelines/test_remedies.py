"""What `explain` says that would have to change: one remedy for every code that keeps a record from syncing."""

from pipelines.report.story import remedies
from schemas.reasons import Reason, Severity

ROUTED = {"goes_out_as_lead", "goes_out_as_contact"}  # another app's record goes out: nothing keeps it back


def test_every_code_that_keeps_a_record_out_has_a_remedy() -> None:
    stops = {str(reason) for reason in Reason if reason.meaning.severity in (Severity.SKIP, Severity.REJECT)}
    assert set(remedies()) == stops - ROUTED


def test_remedies_name_the_segment_and_the_contact() -> None:
    told = remedies()["not_in_segment"].format(segment="201", hubspot_id="17")
    assert "crosswalk segment 201 --explain 17" in told
