"""The file of people's decisions: what it says, and every problem at once with its line."""

from pathlib import Path

import pytest

from assets.identity import overrides
from assets.shared.failures import InputRefused

HEAD = "action,a,b,who,why\n"


def test_decisions_are_read(tmp_path: Path) -> None:
    path = tmp_path / overrides.FILE
    path.write_text(HEAD + "must_link,salesforce/lead/00Q1,hubspot/contact/1,ana,same person\n"
                    "cannot_link,hubspot/company/1,salesforce/account/0011,ana,subsidiary\n")  # fmt: skip
    found = overrides.read(path)
    assert found.must_link.rows() == [("hubspot/contact/1", "salesforce/lead/00Q1")]
    assert found.cannot_link.rows() == [("hubspot/company/1", "salesforce/account/0011")]


def test_no_file_is_no_decision(tmp_path: Path) -> None:
    assert overrides.read(tmp_path / "none.csv").must_link.is_empty()


def test_every_problem_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / overrides.FILE
    path.write_text(
        HEAD + "maybe,hubspot/contact/1,hubspot/contact/2,ana,x\n"
        "must_link,hubspot/contact/1,hubspot/company/2,ana,x\n"
        "must_link,hubspot/contact/,hubspot/contact/2,ana,x\n"
        "must_link,hubspot/contact/5,hubspot/contact/5,ana,x\n"
        "must_link,hubspot/contact/6,hubspot/contact/7,,\n"
        "cannot_link,hubspot/contact/7,hubspot/contact/6,ana,x\n"
    )
    with pytest.raises(InputRefused) as refused:
        overrides.read(path)
    lines = [problem.removeprefix(f"{path}:").split(":")[0] for problem in refused.value.problems]
    assert lines == ["2", "3", "4", "5", "6", "6", "7"]


def test_must_links_through_others_against_a_cannot_link_are_refused(tmp_path: Path) -> None:
    path = tmp_path / overrides.FILE
    path.write_text(
        HEAD + "must_link,hubspot/contact/1,hubspot/contact/2,a,x\nmust_link,hubspot/contact/2,hubspot/contact/3,a,x\n"
        "cannot_link,hubspot/contact/1,hubspot/contact/3,a,x\n"
    )
    with pytest.raises(InputRefused, match=":4: must-links of other lines"):
        overrides.read(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / overrides.FILE
    path.write_text("action,a,b\n")
    with pytest.raises(InputRefused, match="who, why are missing"):
        overrides.read(path)
