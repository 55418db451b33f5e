"""`crosswalk init` and `crosswalk check`: a first sync.yaml, and what is wrong with one."""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    err,
    out,
    place,
    report,
)

if TYPE_CHECKING:
    from pipelines.checking import Intake

_NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEMPLATE = """\
# What Crosswalk does with your CRMs. Every key and its default: docs/configuration.md
timezone: {timezone}                  # nights begin at midnight here
start: {start}                 # the first night there is
sources:                              # paths are relative to this file's folder
  salesforce: {{kind: exports, path: {salesforce}, snapshot: full, absent: keep}}
  hubspot: {{kind: exports, path: {hubspot}, snapshot: full}}
initial_sync: baseline                # first night: record what is there; full = every linked pair is triggered
integration:
  create_as: lead                     # lead | contact
  auto_create:                        # new HubSpot contacts from Salesforce
    leads: {{new: true, existing: false}}
    contacts: {{new: true, existing: false}}
  inclusion_segment: null             # list id or name; null = everyone
  on_salesforce_delete: nothing       # nothing | delete_hubspot_contact
mappings: []                          # custom mappings, added to the 29 defaults
guards: {{max_changes: null, max_deletes: 0, max_reject_rate: 0.05, max_shrink: 0.10}}
retention: {{raw: 35, core: 35, out: 400}}
"""


@app.command()
def init(
    config: ConfigOption = None,
    lake: LakeOption = None,
    hubspot: Annotated[Path | None, typer.Option("--hubspot", help="folder of HubSpot's exports")] = None,
    salesforce: Annotated[Path | None, typer.Option("--salesforce", help="folder of Salesforce's exports")] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="IANA time zone, Europe/Oslo say")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="DATE", help="first night")] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a sync.yaml that is there")] = False,
) -> None:
    """Ask for (or take) two export folders, write a sync.yaml, check it.

    What the check finds is in the exports, or beside the file: the file stays, and is checked again when that is put right.
    """
    from assets.shared.failures import CrosswalkError, InputRefused
    from schemas.config import ConfigError, parse

    here = place(config, lake)
    check_night(start)
    target = here.config_path
    if target.exists() and not force:
        raise InputRefused(f"{target} is there already; --force replaces it")
    hubspot = hubspot or Path(_asked("--hubspot", "Folder of HubSpot's exports"))
    salesforce = salesforce or Path(_asked("--salesforce", "Folder of Salesforce's exports"))
    timezone = timezone or _asked("--timezone", "Time zone in which your nights begin", default="UTC")
    missing = [f"{folder}: there is no such folder" for folder in (hubspot, salesforce) if not folder.is_dir()]
    if missing:
        raise InputRefused(missing)
    text = _TEMPLATE.format(
        timezone=timezone,
        start=start or _first_night(hubspot, salesforce),
        hubspot=_pattern(hubspot, target),
        salesforce=_pattern(salesforce, target),
    )
    parse(text, target.resolve().parent, str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    out.print(f"wrote {target}", soft_wrap=True)
    again = f"--config {target}" + (f" --lake {lake}" if lake else "")
    try:
        check(config=target, lake=lake, night=None)
    except (ConfigError, InputRefused) as refused:
        report(refused)
        said = f"{target} is written, but a night could not be run with it; put right what is named above, then run"
        raise CrosswalkError(f"{said} `crosswalk check {again}`") from None
    out.print(f"next: `crosswalk nightly {again}`", soft_wrap=True, highlight=False)


@app.command()
def check(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    form: FormatOption = "table",
    live: Annotated[
        bool, typer.Option("--live", help="try the CRMs of `kind: api`: credentials, scopes, limits, fields, calls")
    ] = False,
    record: Annotated[
        Path | None, typer.Option("--record", help="with --live: write a cassette of all calls, without any value")
    ] = None,
) -> None:
    """Validate sync.yaml against the sources of a night, or live; list every problem, and what would be rejected."""
    from pipelines.checking import problems_of
    from pipelines.cli import printing

    here = place(config, lake)
    check_night(night)
    check_format(form)
    if record and not live:
        raise typer.BadParameter("needs --live", param_hint="--record")
    if live:
        _live(here, record, form)
        return
    found = problems_of(here, night)
    for notice in found.notices:
        err.print(f"note: {notice}")
    if form == "jsonl":
        for one in found.intake:
            printing.json_line({"night": found.night, **asdict(one)})
        return
    out.print(f"{here.config_path} is in order; checked against the sources of {found.night}", soft_wrap=True)
    for line in _rejected(found.intake):
        out.print(line, soft_wrap=True, highlight=False)


def _rejected(intake: "list[Intake]") -> list[str]:
    """What the night would reject, a line an entity, and what would stop its files; nothing where no files were read."""
    lines = []
    for one in intake:
        if one.rejected:
            reasons = ", ".join(f"{code} {number:,}" for code, number in one.reasons.items())
            share = f"{one.rejected / one.delivered:.1%}"
            rows = f"{one.rejected:,} of {counted(one.delivered, 'row')}"
            lines.append(f"{one.crm} {one.entity}: {rows} would be rejected ({share}): {reasons}")
    stopped = [f"would stop the night's files: {one.stopped}" for one in intake if one.stopped]
    nothing = ["no row would be rejected"] if intake else []
    return [*(lines or nothing), *stopped]


def _live(here: Place, record: Path | None, form: str) -> None:
    from pipelines.cli import printing
    from pipelines.live import environment, findings, mapped_names

    configuration = here.config()
    found = findings(configuration, environment(), mapped=mapped_names(configuration), record=record)
    for one in found:
        if form == "jsonl":
            printing.json_line({"ok": one.ok, "text": one.text})
            continue
        word = {True: "ok     ", False: "missing", None: "note   "}[one.ok]
        out.print(f"{word}  {one.text}", soft_wrap=True, highlight=False)
    if record:
        say = err if form == "jsonl" else out
        say.print(f"wrote {record}: shapes of every call, no value of a record and no secret", soft_wrap=True)
    if bad := [one.exit_status for one in found if one.ok is False]:
        raise typer.Exit(min(bad))


def _pattern(folder: Path, target: Path) -> str:
    """The folder as seen from the file, its date replaced with {night}, quoted as YAML reads it."""
    base, absolute = target.resolve().parent, folder.resolve()
    try:
        shown = absolute.relative_to(base).as_posix()
    except ValueError:
        shown = absolute.as_posix()
    return json.dumps(_NIGHT.sub("{night}", shown, count=1), ensure_ascii=False)


def _asked(option: str, question: str, default: str | None = None) -> str:
    """The answer to a question. Usage error that names the option where nobody is there to answer."""
    try:
        return str(typer.prompt(question, default=default))
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        typer.echo(err=True)
        raise typer.BadParameter("nobody is there to be asked; give it", param_hint=option) from None


def _first_night(*folders: Path) -> str:
    from datetime import UTC, datetime, timedelta

    named = [found[0] for folder in folders if (found := _NIGHT.search(folder.resolve().as_posix()))]
    return min(named, default=(datetime.now(UTC).date() - timedelta(days=1)).isoformat())
