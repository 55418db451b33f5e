"""Weights from files: our own form, what Splink saves, and what is neither."""

import json
from pathlib import Path

import pytest

from assets.identity import learnt, model, reference
from assets.shared.failures import InputRefused

SHIPPED = model.parse(reference.weights("person"))


def level(m: float, u: float, label: str) -> dict[str, object]:
    return {"sql_condition": label, "label_for_charts": label, "m_probability": m, "u_probability": u}


def splink(column: str, *levels: dict[str, object]) -> dict[str, object]:
    nothing = {"sql_condition": f"{column}_l IS NULL", "is_null_level": True}
    return {"output_column_name": column, "comparison_levels": [nothing, *levels]}


def test_what_splink_learnt_replaces_m_and_u(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    surname = splink("surname", level(0.7, 0.002, "exact"), level(0.2, 0.008, "close"), level(0.1, 0.99, "else"))
    path.write_text(
        json.dumps({"comparisons": [surname, splink("shoe_size", level(0.9, 0.1, "a"), level(0.1, 0.9, "b"))]})
    )
    found = learnt.read(path, SHIPPED)
    assert (found.fields["last"].m[0], found.fields["last"].m[-1]) == (0.7, 0.1)
    assert (found.fields["last"].u[0], found.fields["last"].u[-1]) == (0.002, 0.99)
    assert sum(found.fields["last"].m) == pytest.approx(1.0)
    assert all(share > 0 for share in found.fields["last"].m[1:-1])
    assert {name: f for name, f in found.fields.items() if name != "last"} == {
        name: f for name, f in SHIPPED.fields.items() if name != "last"
    }


def test_our_own_form_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model.dump(SHIPPED)))
    assert learnt.read(path, SHIPPED) == SHIPPED


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"fields": {}}', '{"comparisons": [{"output_column_name": "surname"}]}']
)
def test_a_file_without_weights_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(InputRefused, match=r"model\.json"):
        learnt.read(path, SHIPPED)
