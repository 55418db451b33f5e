"""`crosswalk explain`: one record's whole story."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from pipelines.cli import printing
from pipelines.cli.core import (
    ConfigOption,
    FormatOption,
    LakeOption,
    NightOption,
    app,
    check_format,
    check_night,
    out,
    place,
)
from pipelines.cli.tables import Table

if TYPE_CHECKING:
    from pipelines.report.story import Row, Rows, Story


@app.command()
def explain(
    record: Annotated[str, typer.Argument(metavar="EMAIL_OR_ID", help="an e-mail address, a domain or a record id")],
    other: Annotated[
        str | None, typer.Argument(metavar="[OTHER_ID]", help="a second record: why the two are one entity, or are not")
    ] = None,
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    form: FormatOption = "table",
) -> None:
    """One person's whole story: records, links, segment, each field, each rule, and why nothing happened."""
    from pipelines.report.plans import night_of
    from pipelines.report.story import tell

    check_format(form)
    found = place(config, lake).existing_lake()
    if other is not None:
        from pipelines.cli.duplicates import explain_pair

        explain_pair(found, check_night(night), record, other, form)
        return
    story = tell(found, record, night_of(found, check_night(night)))
    if form == "jsonl":
        printing.json_line(_plain(dataclasses.asdict(story)))
        return
    _print(story)


def _print(story: "Story") -> None:
    out.print(f"{story.asked} on {story.night}", style="bold", highlight=False)
    _table("Records, one line a version", [_record(row) for row in story.records])
    _table("Rejected tonight", story.rejected, drop=("night",))
    _table("Links", story.links, drop=("night",))
    _table("Segments", story.membership, drop=("night", "definition_hash"))
    _decisions(story)
    _table("What would have to change for it to sync", story.to_sync)
    _table("Fields that would change", [_change(row) for row in story.changes])
    _table("Ledger: what is known of the pair", story.ledger, drop=("hubspot_hash", "salesforce_hash", "alias"))
    _table("Ledger by field: agreed once, and seen last", [_ledger_field(row) for row in story.ledger_fields])


def _record(row: "Row") -> "Row":
    known = ("crm", "entity", "id", "night", "op", "merged_into", "source_file", "source_line", "changed")
    values = ", ".join(
        f"{name} {_cell(value)}"
        for name, value in row.items()
        if name not in known and (value is not None or name in row["changed"])
    )
    ended = f"{row['op']} into {row['merged_into']}" if row.get("merged_into") else row["op"]
    return {
        "record": f"{row['crm']} {row['entity']} {row['id']}",
        "night": row["night"],
        "op": ended,
        "values": values,
        "delivered in": f"{row['source_file']}:{row['source_line']}",
    }


def _change(row: "Row") -> "Row":
    return {
        "operation": f"{row['system']} {row['op']} {row['object']}",
        "record": row["record_id"] or "(new)",
        "field": row["field"],
        "before": row["before"],
        "after": row["after"],
        "rule": row["rule"],
        "because": row["because"],
    }


def _ledger_field(row: "Row") -> "Row":
    both = row["is_hubspot_agreed"] and row["is_salesforce_agreed"]
    return {
        "mapping": row["mapping"],
        "rule": row["rule"],
        "HubSpot agreed": _cell(row["agreed_hubspot"]) if both else "never",
        "HubSpot seen": _cell(row["seen_hubspot"]),
        "since": row["changed_hubspot_night"],
        "Salesforce agreed": _cell(row["agreed_salesforce"]) if both else "never",
        "Salesforce seen": _cell(row["seen_salesforce"]),
        "since ": row["changed_salesforce_night"],
    }


def _decisions(story: "Story") -> None:
    _table("Decisions", story.decisions, drop=("night", "email", "reasons", "warnings"))
    for row in story.decisions:
        for code in [*(row["reasons"] or []), *(row["warnings"] or [])]:
            said = Text.assemble(f"  {row['direction']}: ", (code, "bold"), f": {printing.sentence(code)}")
            out.print(said)
    if not story.decisions and story.records:
        out.print("  No decision is stored: both sides agree, or nothing has happened that triggers a sync.")
    if story.operations and not story.changes:
        for row in story.operations:
            out.print(f"  {row['system']}: {row['op']} {row['object']} {row['record_id'] or ''}", highlight=False)


def _table(title: str, rows: "Rows", drop: tuple[str, ...] = ()) -> None:
    if not rows:
        return
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in drop]
    names = [name for name in names if any(row.get(name) not in (None, "", []) for row in rows)]
    table = Table(title=title)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*[_cell(row.get(name)) for name in names])
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "∅"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _cell(value) if hasattr(value, "isoformat") else value
