"""Types of Salesforce's standard fields and of described ones."""

import polars as pl

from assets.salesforce.reference import standard_kinds
from assets.salesforce.stage import KINDS, SalesforceRules
from assets.shared.staging import MARKS
from schemas.contract import POLARS, Kind, kinds
from schemas.salesforce import ENTITIES


def test_the_reference_agrees_with_the_contracts() -> None:
    for name, entity in ENTITIES.items():
        declared, standard = kinds(entity.model), standard_kinds(name)
        for column in declared.keys() & standard.keys():
            assert POLARS.get(declared[column]) == POLARS.get(standard[column]), f"{name}.{column}"


def test_every_describe_type_that_is_a_number_or_a_time_is_typed() -> None:
    """Describe's types; what is not named here is text."""
    text = [
        "id",
        "string",
        "textarea",
        "picklist",
        "multipicklist",
        "phone",
        "url",
        "email",
        "address",
        "anyType",
        "time",
    ]
    assert [KINDS.get(name, Kind.TEXT) for name in text] == [Kind.TEXT] * len(text)
    assert KINDS["currency"] is KINDS["percent"] is KINDS["double"] is Kind.NUMBER
    assert (KINDS["int"], KINDS["boolean"], KINDS["reference"]) == (Kind.INTEGER, Kind.BOOLEAN, Kind.REFERENCE)


def marks(**columns: list[str | None]) -> list[tuple[object, ...]]:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return SalesforceRules().prepare("lead", frame).select(MARKS[1:3]).rows()


def test_the_recycle_bin_is_told_by_flag_or_master() -> None:
    master = "00Q000000000001"
    found = marks(IsDeleted=["true", "FALSE", None, None, "1"], MasterRecordId=[None, None, None, master, master])
    whole = "00Q000000000001EAA"
    assert found == [(True, None), (False, None), (False, None), (True, whole), (True, whole)]


def test_a_delivery_without_these_columns_deletes_nothing() -> None:
    assert marks(Id=["x", "y"]) == [(False, None), (False, None)]
