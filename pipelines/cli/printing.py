"""How rows and counts are printed: `jsonl` for programs, rich tables for people."""

import json
import sys
from typing import Any

import polars as pl
from rich.text import Text

from assets.shared.words import counted
from pipelines.cli.tables import Table
from pipelines.report.plans import Summary
from schemas.reasons import code as reason_of

SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "clear": ("-", "magenta"), "delete": ("x", "red")}
OPS = ("create", "update", "clear", "delete")
_CHANGES_SHOWN = 4  # of one operation, which then fits on a line of most terminals


def jsonl(rows: pl.DataFrame) -> None:
    """One JSON object a row, keys in the frame's order, on standard output."""
    for batch in rows.iter_slices(50_000):
        sys.stdout.write(batch.write_ndjson())
    sys.stdout.flush()


def json_line(value: dict[str, Any]) -> None:
    """One JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def operations_table(summary: Summary) -> Table:
    """Creates, updates, clears and deletes by system and object."""
    table = Table(title=f"Plan for {summary.night}")
    table.add_column("system")
    table.add_column("object")
    for op in OPS:
        table.add_column(f"{SIGNS[op][0]} {op}", justify="right", style=SIGNS[op][1])
    objects = sorted({(system, name) for system, name, _ in summary.operations})
    for system, name in objects:
        numbers = [summary.operations.get((system, name, op), 0) for op in OPS]
        table.add_row(system, name, *[f"{n:,}" if n else "·" for n in numbers])
    if not objects:
        whose = "both" if len(summary.systems) > 1 else summary.systems[0]
        table.add_row(whose, "everything is in step", "·", "·", "·", "·")
    return table


def fields_table(summary: Summary, limit: int = 12) -> Table:
    """The fields that change most."""
    table = Table(title="Fields")
    table.add_column("system")
    table.add_column("object")
    table.add_column("field")
    table.add_column("values", justify="right")
    ordered = sorted(summary.fields.items(), key=lambda item: (-item[1], item[0]))
    for (system, name, column), number in ordered[:limit]:
        table.add_row(system, name, column, f"{number:,}")
    if len(ordered) > limit:
        table.add_row("", "", f"… and {len(ordered) - limit} more", "")
    return table


def reasons_table(summary: Summary) -> Table:
    """Why records do not sync, with the sentence of each reason."""
    title = f"{counted(summary.unsynced, 'decision')} that a record does not sync"
    table = Table(title=title)
    table.add_column("outcome")
    table.add_column("reason")
    table.add_column("records", justify="right")
    table.add_column("what it means")
    for (outcome, reason), number in summary.reasons.items():
        table.add_row(outcome, reason, f"{number:,}", sentence(reason))
    return table


def warnings_table(summary: Summary) -> Table:
    """Warnings with their sentences."""
    table = Table(title="Warnings")
    table.add_column("warning")
    table.add_column("times", justify="right")
    table.add_column("what it means")
    for code, number in summary.warnings.items():
        table.add_row(code, f"{number:,}", sentence(code))
    return table


def headline(summary: Summary) -> Text:
    """The one line that is asked for first."""
    parts = []
    for system in summary.systems:
        counts = ", ".join(
            f"{summary.of(system, op):,} to {op}" for op in OPS if op != "clear" or summary.of(system, op)
        )
        parts.append(f"{system.capitalize().replace('Hubspot', 'HubSpot')}: {counts}")
    text = Text(". ".join(parts) + ".", style="bold")
    text.append(f" {counted(summary.unsynced, 'does', 'do')} not sync.", style="default")
    if summary.statuses:
        said = ", ".join(f"{summary.statuses.get(s, 0):,} {s}" for s in ("new", "pending", "gone"))
        text.append(f" ({said})", style="dim")
    return text


def operations_list(rows: pl.DataFrame, limit: int) -> Table:
    """The first operations, one a line, with their fields."""
    table = Table(*[""] * 7, lines=False)
    for row in rows.head(limit).iter_rows(named=True):
        sign, style = SIGNS[row["op"]]
        table.add_row(
            Text(sign, style=style),
            Text(row.get("status") or "", style="dim"),
            row["system"],
            row["object"],
            Text(row["record_id"] or "(new)", style="dim"),
            Text(row["key"] or ""),
            _changes(row["changes"] or []),
        )
    return table


def decisions_table(night: str, rows: pl.DataFrame, limit: int) -> Table:
    """Decisions, one a line."""
    table = Table(title=f"{counted(rows.height, 'decision')} of {night}")
    for name in ("object", "direction", "HubSpot", "Salesforce", "e-mail", "outcome", "since", "reasons and warnings"):
        table.add_column(name)
    for row in rows.head(limit).iter_rows(named=True):
        said = [*(row["reasons"] or []), *(f"({w})" for w in row["warnings"] or [])]
        table.add_row(
            row["object"],
            row["direction"],
            row["hubspot_id"] or "",
            row["salesforce_id"] or "",
            row["email"] or "",
            row["outcome"],
            row["since"] or "",
            ", ".join(said),
        )
    if rows.height > limit:
        table.caption = f"{rows.height - limit:,} more; `--format jsonl` prints all"
    return table


def sentence(text: str) -> str:
    """What a reason such as `field_too_long: FirstName` means, in one sentence; blank for a code of another Crosswalk."""
    try:
        return reason_of(text).meaning.sentence
    except KeyError:
        return ""


def _changes(changes: list[dict[str, str | None]]) -> Text:
    text = Text()
    for change in changes[:_CHANGES_SHOWN]:
        text.append(f"{change['field']}: ", style="cyan")
        text.append(f"{_shown(change['before'])} → {_shown(change['after'])}  ")
    if len(changes) > _CHANGES_SHOWN:
        text.append(f"… {len(changes) - _CHANGES_SHOWN} more", style="dim")
    return text


def _shown(value: str | None) -> str:
    if value is None:
        return "∅"
    flat = " ".join(value.split())
    return f'"{flat[:40]}…"' if len(flat) > 41 else f'"{flat}"'
