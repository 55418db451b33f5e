"""`python -m tests.bench.portal`: make sample CRMs on disk."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tests.bench.portal.generate import generate
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import Nights

_PEOPLE = "HubSpot contacts; about as many Salesforce leads and contacts together."
_CHANGE = "Share of ordinary records edited on each night after the first."
_DELIVERY = "full: whole exports every night; incremental: after the first night only what changed."
_FORMS = "varied: headers, stamps and packing differ from night to night; plain: CSV with internal names."
_SLICE = "People held in memory at a time; does not show in the result."


def main(
    out: Annotated[Path, typer.Option(help="Folder that gets one folder for each night.")],
    people: Annotated[int, typer.Option(min=1000, help=_PEOPLE)] = 4000,
    seed: Annotated[int, typer.Option(help="Another seed, another portal.")] = 7,
    nights: Annotated[str, typer.Option(help="One date, or a range a..b.")] = "2026-11-18..2026-11-20",
    change: Annotated[float, typer.Option(min=0, max=1, help=_CHANGE)] = 0.02,
    delivery: Annotated[str, typer.Option(help=_DELIVERY)] = "full",
    forms: Annotated[str, typer.Option(help=_FORMS)] = "varied",
    timezone: Annotated[str, typer.Option(help="Where nights begin at midnight.")] = "Europe/Oslo",
    slice_rows: Annotated[int, typer.Option(min=1000, help=_SLICE)] = 100_000,
) -> None:
    """Make a believable pair of CRMs: <out>/<night>/hubspot, <out>/<night>/salesforce and planted.json.

    The same arguments give the same bytes. A night folder that this command has made before is replaced; any other is left alone.
    """
    try:
        portal = Portal(people, seed, Nights.of(nights, timezone), change)
        deliveries: dict[str, Literal["full", "incremental"]] = {"full": "full", "incremental": "incremental"}
        wanted = deliveries[_one_of("--delivery", delivery, deliveries)]
        varied = _one_of("--forms", forms, {"varied": "", "plain": ""}) == "varied"
        _run(portal, out, wanted, varied, slice_rows)
    except (ValueError, OSError) as problem:
        Console(stderr=True).print(f"portal: {problem}", highlight=False)
        raise typer.Exit(2) from problem


def _one_of(option: str, value: str, known: dict[str, Literal["full", "incremental"]] | dict[str, str]) -> str:
    if value not in known:
        raise ValueError(f"{option} is one of {', '.join(known)}, not {value}")
    return value


def _run(portal: Portal, out: Path, delivery: Literal["full", "incremental"], varied: bool, slice_rows: int) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} people"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        tasks: dict[int, TaskID] = {}

        def progress(night: int, done: int, total: int) -> None:
            if night not in tasks:
                tasks[night] = shown.add_task(portal.nights.names[night - 1], total=total)
            shown.update(tasks[night], completed=done)

        generate(portal, out, delivery, varied, slice_rows, progress)


if __name__ == "__main__":
    typer.run(main)
