"""`crosswalk plan` and `crosswalk decisions`: read one night's out and core, print them."""

import difflib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from pipelines.cli import printing
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
    out,
    place,
)

if TYPE_CHECKING:
    from assets.shared.lake import Lake
    from pipelines.report.plans import Summary


@app.command()
def plan(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    system: Annotated[str | None, typer.Option("--system", help="hubspot or salesforce")] = None,
    against: Annotated[str | None, typer.Option("--against", metavar="DATE", help="compare with this night")] = None,
    form: FormatOption = "table",
    limit: Annotated[int, typer.Option("--limit", min=0, help="operations listed in a table")] = 20,
) -> None:
    """The deltas of a night: what would change in each system; new tonight, pending since, gone."""
    from pipelines.cli.printing_files import print_files
    from pipelines.report import plans
    from pipelines.report.import_files import manifest_of

    check_format(form)
    check_one_of(system, plans.SYSTEMS, "--system")
    found = place(config, lake).existing_lake()
    tonight = plans.night_of(found, check_night(night))
    other = plans.night_of(found, check_night(against, "--against")) if against else None
    rows = plans.plan(found, tonight, other, system)
    if form == "jsonl":
        printing.jsonl(rows)
        return
    summary = plans.summary(tonight, rows, plans.decisions(found, tonight), system)
    print_summary(summary)
    print_files(manifest_of(found, tonight), summary.systems)
    if rows.height and limit:
        out.print()
        out.print(printing.operations_list(rows, limit))
        if rows.height > limit:
            out.print(f"… {rows.height - limit:,} more; `--format jsonl` prints all", style="dim")


@app.command()
def decisions(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="create, update, delete, unchanged, skip, reject")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="a reason or warning code, or `code: field`")] = None,
    direction: Annotated[str | None, typer.Option("--direction", help="to_salesforce, to_hubspot, to_<app>")] = None,
    segment: Annotated[str | None, typer.Option("--segment", help="members of this segment only")] = None,
    form: FormatOption = "table",
    limit: Annotated[int, typer.Option("--limit", min=0, help="rows listed in a table")] = 50,
) -> None:
    """What happens to whom, and why."""
    from pipelines.report import plans
    from schemas.sync import OUTCOMES

    check_format(form)
    check_one_of(outcome, OUTCOMES, "--outcome")
    wanted = _reason(reason)
    here = place(config, lake)
    found = here.existing_lake()
    tonight = plans.night_of(found, check_night(night))
    rows = plans.decisions(found, tonight)
    if direction:
        _check_direction(direction, rows, here, found, config)
    if outcome:
        rows = rows.filter(pl.col("outcome") == outcome)
    if direction:
        rows = rows.filter(pl.col("direction") == direction)
    if wanted:
        given = pl.concat_list("reasons", "warnings")
        codes = given.list.eval(pl.element().str.split(":").list.first())
        rows = rows.filter(codes.list.contains(wanted) | given.list.contains(wanted))
    if segment:
        rows = plans.of_members(rows, found, tonight, segment)
    if form == "jsonl":
        printing.jsonl(rows)
        return
    out.print(printing.decisions_table(tonight, rows, limit))


def _check_direction(direction: str, rows: pl.DataFrame, here: Place, lake: "Lake", config: Path | None) -> None:
    """Usage error for a direction that neither tonight's decisions nor the apps of the present sync.yaml have."""
    from assets.shared.nights import noted_config
    from pipelines.configuration import read_config
    from schemas.config import ConfigError

    known = ["to_salesforce", "to_hubspot", *sorted(set(rows["direction"]))]
    if direction in known:
        return
    with suppress(ConfigError):  # the night is told by the lake alone, too
        used = read_config(config or here.settings.config or noted_config(lake) or here.config_path)
        known += [f"to_{app.app}" for app in used.data_sync]
    check_one_of(direction, dict.fromkeys(known), "--direction")


def _reason(text: str | None) -> str | None:
    """A reason as the tables have it, `code` or `code: field`. Raises BadParameter for a code that there is not."""
    if text is None:
        return None
    from schemas.reasons import Reason

    code, _, field = (part.strip() for part in text.partition(":"))
    if code not in list(Reason):
        close = difflib.get_close_matches(code, list(Reason), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise typer.BadParameter(f"'{code}' is no reason or warning code{hint}", param_hint="--reason")
    return f"{code}: {field}" if field else code


def print_summary(summary: "Summary") -> None:
    """What a plan and a nightly run open with."""
    out.print(printing.headline(summary))
    out.print(printing.operations_table(summary))
    if summary.fields:
        out.print(printing.fields_table(summary))
    if summary.reasons:
        out.print(printing.reasons_table(summary))
    if summary.warnings:
        out.print(printing.warnings_table(summary))
