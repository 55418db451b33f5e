"""`crosswalk preflight`: what a CRM would do with an import file, ours or somebody else's."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from assets.shared.words import counted
from pipelines.cli.core import (
    ConfigOption,
    FormatOption,
    LakeOption,
    NightOption,
    Place,
    app,
    check_format,
    check_night,
    check_one_of,
    err,
    out,
    place,
)
from pipelines.cli.tables import Table

if TYPE_CHECKING:
    from assets.import_files.findings import Findings
    from assets.import_files.preflight import Settings
    from assets.shared.lake import Lake

_SHOWN = 50
_BIG = 10_000_000  # bytes
_KINDS = ("hubspot-contacts", "hubspot-companies", "salesforce-lead", "salesforce-contact", "salesforce-account")
_ORDERS = ("YEAR_MONTH_DAY", "MONTH_DAY_YEAR", "DAY_MONTH_YEAR")
_OPERATIONS = ("insert", "update", "upsert", "delete")


@app.command()
def preflight(
    file: Annotated[Path, typer.Argument(help="CSV file", show_default=False)],
    kind: Annotated[
        str, typer.Option("--as", help="what it is imported as", metavar="|".join(_KINDS), show_default=False)
    ],
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    date_format: Annotated[
        str | None,
        typer.Option(
            "--date-format",
            help="order of day and month; else the import request's, else what the dates show",
            metavar="|".join(_ORDERS),
        ),
    ] = None,
    operation: Annotated[
        str | None,
        typer.Option(
            "--operation",
            help="Salesforce only; else the job file's, else update with a column Id",
            metavar="|".join(_OPERATIONS),
        ),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Check an import file against every rule, and against the portal's properties and describe.

    Ends with 0 where no row would be refused, 1 where one would, 2 where the file is no CSV (one finding then).
    """
    check_one_of(kind, _KINDS, "--as")
    check_one_of(date_format, _ORDERS, "--date-format")
    check_one_of(operation, _OPERATIONS, "--operation")
    check_format(format_)
    findings = _findings(file, kind, place(config, lake), check_night(night), date_format, operation, format_)
    if format_ == "jsonl":
        _jsonl(findings)
    else:
        _print(file, findings)
    raise typer.Exit(1 if findings.refuses else 0)


def _findings(
    file: Path,
    kind: str,
    here: Place,
    night: str | None,
    date_format: str | None,
    operation: str | None,
    format_: str,
) -> "Findings":
    from assets.import_files.csv_window import NotReadableError
    from assets.import_files.portal import portal_of
    from assets.import_files.preflight import KINDS, preflight, unreadable
    from assets.shared.failures import InputRefused
    from assets.shared.lake import Lake

    loaded = here.config()
    there = Lake(here.lake_path) if (here.lake_path / "lake.json").exists() else None
    crm, object_name = KINDS[kind]
    known = portal_of(loaded, there, night or _newest(here))
    settings = _settings(there, night, crm, object_name, date_format, operation)
    try:
        with _progress(file) as progress:
            found = preflight(file, kind, known, settings, progress)
    except NotReadableError as error:
        if format_ == "jsonl":
            _jsonl(unreadable(kind, error))
        raise InputRefused(f"{file}: {error}") from None
    if there is None:
        err.print("note: no night has been run, so nothing is compared with the records (stages, deleted records)")
    return found


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, for a file that takes longer than a glance."""
    size = file.stat().st_size if file.is_file() else 0
    columns = (TextColumn(file.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal or size < _BIG) as bar:
        task = bar.add_task("", total=size)
        yield lambda consumed: bar.update(task, completed=consumed)


def _newest(here: Place) -> str | None:
    """The newest delivered night, for a portal that no lake has yet."""
    from assets.shared.failures import InputRefused
    from pipelines.delivered import newest

    try:
        return newest(here.config())
    except InputRefused:
        return None


def _settings(
    lake: "Lake | None", night: str | None, crm: str, object_name: str, date_format: str | None, operation: str | None
) -> "Settings":
    from assets.import_files import portal
    from assets.import_files.preflight import Settings

    if lake is None:
        return Settings(date_format, operation)
    with lake.connect(night) as session:
        if crm == "hubspot":
            return Settings(date_format, operation, records=portal.hubspot_records(session, object_name))
        return Settings(
            date_format,
            operation,
            inactive_users=portal.inactive_users(session),
            records=portal.salesforce_records(session, object_name),
        )


def _jsonl(findings: "Findings") -> None:
    import json

    for row in findings.rows():
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _print(file: Path, findings: "Findings") -> None:
    if not len(findings):
        out.print(f"{file.name}: no findings; the CRM would take the file as it is")
        return
    table = Table(title=f"{file.name}: {counted(len(findings), 'finding')}")
    for name in ("line", "column", "rule", "effect", "what"):
        table.add_column(name, justify="right" if name == "line" else "left")
    for row in _first(findings):
        table.add_row(
            str(row["line"]), str(row["column"] or ""), str(row["rule"]), str(row["effect"]), str(row["message"])
        )
    out.print(table)
    if len(findings) > _SHOWN:
        for problem, rows, line in findings.counts():
            out.print(
                f"{rows:>9,} x {problem.column or 'file'}: {problem.message} ({problem.effect}, first in line {line})"
            )


def _first(findings: "Findings") -> Iterator[dict[str, object]]:
    for number, row in enumerate(findings.rows()):
        if number == _SHOWN:
            return
        yield row
