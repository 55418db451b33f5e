"""Fields of `hold_back` against everything that may change a field."""

from pathlib import Path

import pytest

from pipelines.configuration import read_config
from schemas.config import ConfigError
from tests.unit.schemas.test_config import SMALL


@pytest.mark.parametrize(
    "extra",
    [
        "",
        "lifecycle: {updates: [{file: stages.csv, night: 2024-02-01}]}\n",  # may set any property
        "mappings: [{hubspot: shoesize, salesforce: Shoe_Size__c}]\n",
    ],
)
def test_a_field_that_something_may_change_can_be_held_back(tmp_path: Path, extra: str) -> None:
    """By either name, in any case, of people and companies; a field that nothing changes is a slip, and would be let go."""
    path = tmp_path / "sync.yaml"
    names = "jobtitle, TITLE, MailingCity, BillingCity, numberofemployees, lifecyclestage"
    path.write_text(f"{SMALL}hold_back: [{{id: 1, fields: [{names}]}}]\n{extra}", encoding="utf-8")
    assert read_config(path).hold_back
    path.write_text(f"{SMALL}hold_back: [{{id: 1, fields: [shoesize, shoe_size__C]}}]\n{extra}", encoding="utf-8")
    if extra:
        assert read_config(path).hold_back
        return
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert [p.path for p in refused.value.problems] == ["hold_back[0].fields[0]", "hold_back[0].fields[1]"]
