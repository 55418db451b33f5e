"""`crosswalk duplicates` and `crosswalk label`: what should be merged, and how far to trust it."""

import csv
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    out,
    place,
)
from pipelines.cli.tables import Table

if TYPE_CHECKING:
    import polars as pl

    from assets.identity.explain import Explained
    from assets.shared.lake import Lake

EntityOption = Annotated[str, typer.Option("--entity", metavar="person|company", help="what to look at")]


@app.command()
def duplicates(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    system: Annotated[str | None, typer.Option("--system", help="hubspot or salesforce")] = None,
    form: FormatOption = "table",
    limit: Annotated[int, typer.Option("--limit", min=0, help="rows of a table")] = 50,
    at_least: Annotated[
        float,
        typer.Option("--at-least", metavar="P", min=0.0, max=1.0, help="only merges with at least this probability"),
    ] = 0.0,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files", metavar="FOLDER", help="write them into this folder, as requests for each CRM's merge call"
        ),
    ] = None,
) -> None:
    """Records that should be merged inside each CRM: which to keep, how sure, why, and what would be lost."""
    import polars as pl

    from schemas.sync import SYSTEMS

    check_format(form)
    check_one_of(system, SYSTEMS, "--system")
    found, at = _night(place(config, lake).existing_lake(), night)
    systems = [system] if system else SYSTEMS
    parts = [_read(found, at, f"out/duplicate/{s}").select(pl.lit(s).alias("system"), pl.all()) for s in systems]
    rows = pl.concat(parts).drop("night").sort("system", "object", "group_id", "duplicate_id")
    rows = rows.filter(pl.col("confidence") >= at_least)
    if files is not None:
        _write(rows, at, files)
        return
    if form == "jsonl":
        printing.jsonl(rows)
        return
    table = Table(title=f"{counted(rows.height, 'record')} to merge, {at}")
    for column in ("system", "object", "keep", "merge", "tier", "sure", "why", "lost"):
        table.add_column(column)
    for row in rows.head(limit).rows(named=True):
        lost = ", ".join(item["field"] for item in row["lost"])
        cells = (row["system"], row["object"], row["survivor_id"], row["duplicate_id"], row["tier"])
        table.add_row(*cells, f"{row['confidence']:.3f}", row["reason"], lost)
    out.print(table)


def _write(rows: "pl.DataFrame", at: str, folder: Path) -> None:
    from assets.identity import mergefiles
    from assets.shared.failures import InputRefused

    try:
        written = mergefiles.write(rows, at, folder)
    except FileExistsError:
        raise InputRefused(f"{folder}: is not empty; merge files are written into a folder of their own") from None
    except OSError as error:
        raise InputRefused(f"{folder}: cannot be written ({error.strerror})") from None
    for path in written:
        out.print(str(path), soft_wrap=True, highlight=False)


@app.command()
def label(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    entity: EntityOption = "person",
    pairs: Annotated[int, typer.Option("--pairs", min=1, help="how many pairs to show")] = 100,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="CSV of answers: a,b,same; read if it exists, else written")
    ] = None,
    precision: Annotated[float, typer.Option("--precision", min=0.5, max=1.0, help="precision to reach")] = 0.95,
) -> None:
    """Show well-chosen pairs, ask whether they are the same, and say which threshold the answers support."""
    import polars as pl

    from assets.identity import label as labels
    from schemas.sync import PERSON_OR_COMPANY

    check_one_of(entity, PERSON_OR_COMPANY, "--entity")
    found, at = _night(place(config, lake).existing_lake(), night)
    known = _read(found, at, "core/identity/pair").filter((pl.col("entity") == entity) & ~pl.col("gone"))
    said = _answers(answers) if answers and answers.exists() else _ask(found, at, labels.chosen(known, pairs))
    if answers and not answers.exists():
        with answers.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["a", "b", "same"])
            writer.writerows((a, b, "yes" if same else "no") for a, b, same in said)
    schema = {"a": pl.String, "b": pl.String, "same": pl.Boolean}
    result = labels.report(known, pl.DataFrame(said, schema=schema, orient="row"))
    table = Table(title="Pairs at or above a weight")
    for column in result.columns:
        table.add_column(column, justify="right")
    for row in result.rows():
        table.add_row(*[f"{v:.3f}" if isinstance(v, float) else f"{v:,}" for v in row])
    out.print(table)
    best = labels.proposed(result, precision)
    told = "no threshold reaches it" if best is None else f"link from weight {best:g}"
    out.print(f"for a precision of {precision:.2f}: {told}")


def explain_pair(found: "Lake", night: str | None, one: str, other: str, form: str) -> None:
    """Print the path between two records (`crosswalk explain A B`)."""
    from assets.identity import explain

    lake, at = _night(found, night)
    told = explain.between(lake, at, one, other)
    if form == "jsonl":
        printing.json_line(_path_line(told, at))
    else:
        print_path(told, at)


def _path_line(told: "Explained", at: str) -> dict[str, Any]:
    names = ("field", "level", "weight", "one", "other")
    steps = [
        {**asdict(step), "fields": [dict(zip(names, row, strict=True)) for row in step.fields]} for step in told.steps
    ]
    return {"a": told.a, "b": told.b, "night": at, "same": told.same, "entity_ids": told.entity_ids, "steps": steps}


def print_path(told: "Explained", at: str) -> None:
    """One table an edge; values are masked."""
    verdict = f"one entity, {told.entity_ids[0]}" if told.same else "not one entity"
    out.print(f"{told.a} and {told.b} on {at}: {verdict}", style="bold", highlight=False)
    if not told.steps:
        out.print("nothing joins them, and they were not alike enough to be compared closely")
    for step in told.steps:
        title = f"{step.a} – {step.b}: {step.tier}, {step.why}; weight {step.weight:.1f}, probability {step.probability:.4f}"
        table = Table(title=title + (f"; stopped: {step.guard}" if step.guard else ""))
        for column in ("field", "level", "weight", "one", "other"):
            table.add_column(column)
        for name, level, weight, one, other in step.fields:
            table.add_row(name, level, f"{weight:+.1f}", one, other)
        out.print(table)


def _night(lake: "Lake", night: str | None) -> tuple["Lake", str]:
    from pipelines.report.plans import night_of

    return lake, night_of(lake, check_night(night))


def _read(lake: "Lake", night: str, key: str) -> "pl.DataFrame":
    from assets.shared import keys

    with lake.connect(night) as session:
        session.use(key)
        frame: pl.DataFrame = session.sql(f"FROM {keys.relation(key)}").pl()
        return frame


def _answers(path: Path) -> list[tuple[str, str, bool]]:
    from assets.shared.failures import InputRefused

    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [column for column in ("a", "b", "same") if column not in (reader.fieldnames or [])]
        if missing:
            raise InputRefused(f"{path}:1: the columns {', '.join(missing)} are missing (a, b, same)")
        rows = [(row["a"], row["b"], row["same"] or "") for row in reader]
    return [(*sorted((a, b)), same.strip().lower() in ("yes", "y", "true", "1")) for a, b, same in rows]  # type: ignore[misc]


def _ask(lake: "Lake", at: str, chosen: "pl.DataFrame") -> list[tuple[str, str, bool]]:
    from assets.identity import explain

    said: list[tuple[str, str, bool]] = []
    for number, (a, b) in enumerate(chosen.select("a", "b").rows(), start=1):
        out.print(f"\n{number} of {chosen.height}")
        print_path(explain.between(lake, at, a, b), at)
        answer = typer.prompt("same? [y]es, [n]o, [s]kip, [q]uit", default="s").strip().lower()[:1]
        if answer == "q":
            break
        if answer in ("y", "n"):
            said.append((a, b, answer == "y"))
    return said
