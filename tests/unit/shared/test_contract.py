"""One batch against its contract: good rows typed, the others with all their reasons."""

import polars as pl
import pytest

from assets.shared.contract import split
from schemas import hubspot, salesforce
from schemas.arrow import columns
from schemas.contract import Contract, Kind, arrow_types, contract


def batch(**cells: list[str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return frame.with_columns(
        pl.lit("Lead.csv").alias("source_file"), pl.int_range(2, frame.height + 2).alias("source_line")
    )


def lead(**kinds: Kind) -> Contract:
    return contract(salesforce.Lead, {"Id": Kind.TEXT, **kinds})


def test_good_rows_are_typed_and_the_rest_has_all_reasons() -> None:
    found = lead(Email=Kind.TEXT, CreatedDate=Kind.TEXT, Score__c=Kind.NUMBER, Friend__c=Kind.REFERENCE)
    good, rejected = split(
        batch(
            Id=["00Q000000000001", None, "short"],
            Email=[" A+b@x.example ", "nobody", None],
            CreatedDate=["2026-01-01", "soon", None],
            Score__c=["1.5", "many", "2"],
            Friend__c=["003000000000001", "x", None],
        ),
        found,
        ("Id",),
    )
    assert good["Id"].to_list() == ["00Q000000000001EAA"]
    assert good["Email"].to_list() == [" A+b@x.example "]  # text is kept exactly (P2-28)
    assert (good.schema["CreatedDate"], good.schema["Score__c"]) == (pl.Datetime("us", "UTC"), pl.Float64)
    assert rejected.select("record_id", "source_line").rows() == [(None, 3), ("short", 4)]
    assert rejected["reasons"].to_list() == [
        ["invalid_email: Email", "invalid_format: CreatedDate", "invalid_format: Score__c", "invalid_id: Friend__c",
         "required_field_missing: Id"],
        ["invalid_id: Id"],
    ]  # fmt: skip


def test_no_fault_is_no_row() -> None:
    good, rejected = split(batch(Id=["00Q000000000001"]), lead(), ("Id",))
    assert (good.height, rejected.height) == (1, 0)
    assert rejected.schema["reasons"] == pl.List(pl.String)


def test_a_key_of_several_parts() -> None:
    found = contract(hubspot.ContactCompany, dict.fromkeys(("contact_id", "company_id", "label"), Kind.TEXT))
    cells = batch(contact_id=["1", "1", None], company_id=["2", "2", "2"], label=[None, "Boss", None])
    good, rejected = split(cells, found, ("contact_id", "company_id", "label"), ["label"])
    assert good["record_key"].to_list() == ["1/2/", "1/2/Boss"]
    assert rejected["record_id"].to_list() == [None]


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ann@x.example", True), ("ANN+tag@sub.x.example", True), (" ann@x.example ", True), ("åse@bücher.example", True),
        ("o'neil@x.example", True), ("a@b.co", True), ("n/a", False), ("ann", False), ("ann@", False), ("@x.example", False),
        ("ann@x", False), ("ann@@x.example", False), ("a b@x.example", False), ("ann@x..example", False),
        ("ann@x.example.", False), ("a@x.example;b@x.example", False), ("Ann <ann@x.example>", False),
    ],
)  # fmt: skip
def test_addresses(address: str, good: bool) -> None:
    found, _ = split(batch(Id=["00Q000000000001"], Email=[address]), lead(Email=Kind.TEXT), ("Id",))
    assert found.height == int(good)


def test_one_declaration_gives_validator_arrow_types_and_documentation() -> None:
    found = lead(NumberOfEmployees=Kind.TEXT, Custom__c=Kind.DATE)
    assert found.kinds == {"Id": Kind.ID, "NumberOfEmployees": Kind.INTEGER, "Custom__c": Kind.DATE}
    assert [str(f.type) for f in arrow_types(found.kinds)] == ["string", "int64", "date32[day]"]
    assert list(found.validator.columns) == ["Id", "NumberOfEmployees", "Custom__c"]


@pytest.mark.parametrize("entities", [hubspot.ENTITIES, salesforce.ENTITIES])
def test_every_declared_column_says_what_it_means(entities: dict[str, salesforce.Entity]) -> None:
    for entity in entities.values():
        assert (entity.model.__doc__ or "").startswith("One row:")
        assert all(column.description for column in columns(entity.model))
        assert set(entity.key) <= set(entity.model.to_schema().columns)
