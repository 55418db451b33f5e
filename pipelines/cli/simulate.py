"""`crosswalk simulate`: the plan of another configuration beside the present one."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from assets.shared.words import counted
from pipelines.cli import printing
from pipelines.cli.core import (
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


@app.command()
def simulate(
    config: Annotated[Path, typer.Option("--config", help="the other sync.yaml", show_default=False)],
    present: Annotated[
        Path | None,
        typer.Option("--present", help="the present sync.yaml (CROSSWALK_CONFIG; else that of the lake's newest run)"),
    ] = None,
    lake: LakeOption = None,
    night: NightOption = None,
    form: FormatOption = "table",
    people: Annotated[
        bool, typer.Option("--people", help="only the contacts that enter or leave the inclusion segment")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="operations listed in a table")] = 20,
) -> None:
    """The plan another configuration would give on the same night's data, beside the present one; writes nothing."""
    from assets.shared.nights import noted_config
    from pipelines.configuration import read_config
    from pipelines.delivered import newest
    from pipelines.report.plan_comparison import marketing_counts, stage_counts
    from pipelines.report.plans import summary
    from pipelines.simulation import simulate as run

    check_format(form)
    check_night(night)
    other = read_config(config)
    here = place(present, lake)
    target = here.lake()
    used = present or here.settings.config or noted_config(target) or here.config_path
    now = read_config(used)
    tonight = night or newest(now)
    found = run(target, tonight, now, other)
    if form == "jsonl":
        printing.jsonl(found.moves if people else found.operations)
        return
    if people:
        nobody = "Nobody enters or leaves the inclusion segment."
        out.print(_moves(found.moves, limit) if found.moves.height else nobody)
        return
    before = summary(tonight, found.present, found.present_decisions)
    after = summary(tonight, found.other, found.other_decisions)
    if not (before.operations or after.operations):
        out.print(f"{tonight}: neither the present plan nor that of {config} changes anything.", soft_wrap=True)
    for title, present_counts, other_counts in (
        (f"{tonight}: the present plan and that of {config}", before.operations, after.operations),
        ("Lifecycle stages given", stage_counts(found.present), stage_counts(found.other)),
        ("Contacts made", marketing_counts(found.present), marketing_counts(found.other)),
        ("Why records do not sync", before.reasons, after.reasons),
    ):
        if present_counts or other_counts:
            out.print(_beside(title, present_counts, other_counts))
    moved = {key[0]: number for key, number in _statuses(found.moves).items()}
    out.print(
        f"{counted(moved.get('enters', 0), 'contact')} would enter the inclusion segment, "
        f"{moved.get('leaves', 0):,} would leave it"
        " (`--people` lists them)."
    )
    changed = found.operations.filter(pl.col("status") != "same")
    counts = {key[0]: number for key, number in _statuses(found.operations).items()}
    out.print(
        f"{counted(counts.get('gained', 0), 'operation')} gained, {counts.get('lost', 0):,} lost, "
        f"{counts.get('changed', 0):,} with other values, {counts.get('same', 0):,} the same."
    )
    if changed.height and limit:
        out.print(printing.operations_list(changed, limit))


def _beside(title: str, before: dict[tuple[str, ...], int], after: dict[tuple[str, ...], int]) -> Table:
    table = Table(title=title)
    for name in ("", "present", "other", "difference"):
        table.add_column(name, justify="left" if not name else "right")
    for key in sorted({*before, *after}):
        one, two = before.get(key, 0), after.get(key, 0)
        table.add_row(" ".join(key), f"{one:,}", f"{two:,}", f"{two - one:+,}" if two != one else "·")
    return table


def _moves(rows: pl.DataFrame, limit: int) -> Table:
    more = rows.height - limit
    table = Table(title="Who enters and leaves the inclusion segment")
    table.caption = f"{more:,} more; `--format jsonl` prints all" if more > 0 else None
    for name in ("", "HubSpot", "e-mail"):
        table.add_column(name)
    for row in rows.head(limit).iter_rows():
        table.add_row(*(str(value or "") for value in row))
    return table


def _statuses(rows: pl.DataFrame) -> dict[tuple[str, ...], int]:
    return {(row[0],): row[1] for row in rows.group_by("status").len().iter_rows()}
