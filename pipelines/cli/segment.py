"""`crosswalk segment`: a segment's sentence, SQL and members on any night, and why a record is in it or not."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from assets.shared.words import counted
from pipelines.cli import printing
from pipelines.cli.core import (
    ConfigOption,
    FormatOption,
    LakeOption,
    NightOption,
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
    from assets.segments.answer import Question
    from assets.shared.lake import Lake
    from assets.shared.sql import Session
    from schemas.config import SyncConfig

_OBJECTS = {"contact": "0-1", "company": "0-2", "deal": "0-3"}
_SHOWN = 20


@app.command()
def segment(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME_OR_ID]", help="list id or name; without it, all segments")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="a filterBranch or list, as JSON")] = None,
    object_: Annotated[
        str, typer.Option("--object", help="object of a bare filterBranch", metavar="|".join(_OBJECTS))
    ] = "contact",
    sql: Annotated[bool, typer.Option("--sql", help="print the SQL")] = False,
    members: Annotated[bool, typer.Option("--members", help="print the members' ids")] = False,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="evaluate the definition even where HubSpot delivered the members")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="CONTACT", help="which conditions hold for this contact (id or e-mail)"),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="NIGHT NIGHT", help="who entered and who left between two nights"),
    ] = None,
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    form: FormatOption = "table",
) -> None:
    """A segment's sentence, SQL and count; its members; why a contact is in it; what changed between two nights."""
    from assets.segments.answer import night_of

    check_format(form)
    check_one_of(object_, _OBJECTS, "--object")
    if name is not None and file is not None:
        raise typer.BadParameter("give a name or --file, not both", param_hint="--file")
    if name is None and file is None and (sql or members or evaluate or explain or compare):
        raise typer.BadParameter("name the segment, or give --file", param_hint="NAME_OR_ID")
    if sum(map(bool, (sql, members, explain, compare))) > 1:
        raise typer.BadParameter("--sql, --members, --explain and --compare exclude each other", param_hint="--members")
    here = place(config, lake)
    settings, found = here.config(), here.existing_lake()
    asked = _Asked(settings, found, name, file, _OBJECTS[object_], evaluate, form)
    if compare:
        _compare(asked, *(night_of(found, check_night(n, "--compare")) for n in compare))
        return
    with found.connect(night_of(found, check_night(night))) as session:
        if name is None and file is None:
            _all(session, settings, form)
            return
        question = asked.question(session)
        if sql:
            _sql(question, form)
        elif members:
            _members(asked.members(question), form)
        elif explain:
            _explain(question, explain, form)
        else:
            _show(question, form)


class _Asked:
    """What the command line asked for, on whichever night."""

    def __init__(
        self, config: "SyncConfig", lake: "Lake", name: str | None, file: Path | None, object_type_id: str,
        evaluate: bool, form: str,
    ) -> None:  # fmt: skip
        self.config, self.lake, self.name, self.file = config, lake, name, file
        self.object_type_id, self.evaluate, self.form = object_type_id, evaluate, form

    def question(self, session: "Session") -> "Question":
        from assets.segments.answer import ask, ask_file

        if self.file is not None:
            return ask_file(session, self.config, self.file, self.object_type_id)
        return ask(session, self.config, str(self.name))

    def members(self, question: "Question") -> list[str]:
        return question.evaluated() if self.evaluate else question.members()


def _all(session: "Session", config: "SyncConfig", form: str) -> None:
    from assets.segments.membership import overview

    rows = overview(session, config).to_pylist()
    if form == "jsonl":
        for row in rows:
            printing.json_line(row)
        return
    table = Table("id", "name", "kind", "object", "members", "source", title=f"Segments on {session.night}")
    for row in rows:
        why = row["source"] or "; ".join(row["reasons"])
        number = "" if row["members"] is None else f"{row['members']:,}"
        table.add_row(*map(Text, (row["segment_id"], row["name"] or "", row["kind"], row["object"] or "", number, why)))
    out.print(table)


def _sql(question: "Question", form: str) -> None:
    text = question.compiled().sql(pretty=True)
    if form == "jsonl":
        printing.json_line({"sql": text})
    else:
        typer.echo(text)


def _members(ids: list[str], form: str) -> None:
    lines = (json.dumps({"id": record_id}, ensure_ascii=False) if form == "jsonl" else record_id for record_id in ids)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _show(question: "Question", form: str) -> None:
    from assets.shared.failures import InputRefused

    definition, said = question.definition, question.sentence()
    summary: dict[str, object] = {
        "id": definition.list_id or definition.name, "name": definition.name, "object": definition.object,
        "night": question.session.night, "sentence": said,
    }  # fmt: skip
    reasons: list[str] = []
    try:
        compiled = question.compiled()
        summary["notes"] = list(compiled.notes)
        evaluated = set(question.evaluated())
        summary["evaluated"] = len(evaluated)
    except InputRefused as refused:
        evaluated, reasons = None, refused.problems
        summary["not_evaluable"] = reasons
    own = question.delivered()
    if own is not None:
        summary["delivered"] = len(own)
        if evaluated is not None:
            summary["only_delivered"] = sorted(set(own) - evaluated)
            summary["only_evaluated"] = sorted(evaluated - set(own))
    if form == "jsonl":
        printing.json_line(summary)
    else:
        _print(definition.title, summary)
    if reasons and own is None:
        raise InputRefused(reasons)
    for reason in reasons:
        err.print(f"note: {reason}")
    question.refuse()


def _print(title: str, summary: dict[str, object]) -> None:
    out.print(Text(f"{title} on {summary['night']}", style="bold"))
    if summary["sentence"]:
        out.print(Text(str(summary["sentence"])))
    for key, words in (
        ("evaluated", "by the definition"),
        ("delivered", "by HubSpot"),
    ):
        if isinstance(number := summary.get(key), int):
            out.print(Text(f"{counted(number, 'member')} {words}"))
    for key, words in (("only_delivered", "only in HubSpot's list"), ("only_evaluated", "only by the definition")):
        ids = summary.get(key)
        if isinstance(ids, list):
            shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else "")
            out.print(Text(f"{len(ids):,} {words}{': ' if ids else ''}{shown}"))
    notes = summary.get("notes")
    for note in notes if isinstance(notes, list) else []:
        out.print(Text(f"note: {note}", style="dim"))


def _explain(question: "Question", asked: str, form: str) -> None:
    record_id, found = question.explain(asked)
    if form == "jsonl":
        for line in found.lines:
            printing.json_line({"depth": line.depth, "path": line.path, "condition": line.says, "holds": line.holds})
        return
    verdict = "is in" if found.member else "is not in"
    out.print(Text(f"{record_id} {verdict} {question.definition.title} on {question.session.night}", style="bold"))
    for line in found.lines:
        mark, style = ("yes", "green") if line.holds else ("no ", "red")
        out.print(Text.assemble((mark, style), f" {'  ' * line.depth}{line.says}"), soft_wrap=True)
    for note in found.notes:
        out.print(Text(f"note: {note}", style="dim"))


def _compare(asked: _Asked, first: str, second: str) -> None:
    found: list[set[str]] = []
    title = ""
    for night in (first, second):
        with asked.lake.connect(night) as session:
            question = asked.question(session)
            title = question.definition.title
            found.append(set(asked.members(question)))
    entered, left = sorted(found[1] - found[0]), sorted(found[0] - found[1])
    if asked.form == "jsonl":
        changes = [(i, "entered") for i in entered] + [(i, "left") for i in left]
        for record_id, change in sorted(changes):
            printing.json_line({"id": record_id, "change": change})
        return
    out.print(
        Text(f"{title}: {counted(len(found[0]), 'member')} on {first}, {len(found[1]):,} on {second}", style="bold")
    )
    for word, ids in (("entered", entered), ("left", left)):
        shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else "")
        out.print(Text(f"{len(ids):,} {word}{': ' if ids else ''}{shown}"))
