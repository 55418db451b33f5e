"""`crosswalk nightly`, `backfill`, `rebuild`: the nightly job, for a night, a range, or all from a night on."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assets.shared.words import counted
from pipelines.cli.core import ConfigOption, LakeOption, NightOption, Place, app, check_night, err, out, place

if TYPE_CHECKING:
    from assets.shared.nights import Span
    from pipelines.runner import Options
    from schemas.config import SyncConfig

Refetch = Annotated[bool, typer.Option("--refetch", help="fetch the night again, though the lake has it")]
AcceptShrink = Annotated[
    bool, typer.Option("--accept-shrink", help="take a full delivery that is much smaller than the one before")
]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="first night", show_default=False)]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="last night", show_default=False)]


@app.command()
def nightly(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    refetch: Refetch = False,
    accept_shrink: AcceptShrink = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="run every delivered night that is not yet in the lake")
    ] = False,
) -> None:
    """Run the nightly job for one night and print the plan's summary."""
    from pipelines.delivered import newest
    from pipelines.runner import Options

    check_night(night)
    here = place(config, lake)
    loaded = here.config()
    if missing and night:
        raise typer.BadParameter("--missing and --night exclude each other", param_hint="--missing")
    nights = _missing(here, loaded) if missing else [night or newest(loaded)]
    for one in nights:
        _run(here, loaded, [one], Options(refetch, accept_shrink))


@app.command()
def backfill(
    first: From,
    last: To,
    config: ConfigOption = None,
    lake: LakeOption = None,
    refetch: Refetch = False,
    accept_shrink: AcceptShrink = False,
) -> None:
    """Run a range of nights as one long night."""
    from assets.shared.nights import nights_between
    from pipelines.runner import Options

    check_night(first, "--from")
    check_night(last, "--to")
    if first > last:
        raise typer.BadParameter("--from is after --to", param_hint="--from")
    here = place(config, lake)
    _run(here, here.config(), nights_between(first, last), Options(refetch, accept_shrink))


@app.command()
def rebuild(
    first: From,
    config: ConfigOption = None,
    lake: LakeOption = None,
    refetch: Refetch = False,
    accept_shrink: AcceptShrink = False,
) -> None:
    """Drop the ledger and staged nights from a night on and run them again, in order, from raw.

    A guard stops a night's files, as it did when the night was first run, and not the nights after it.
    """
    from assets.shared.failures import GuardStopped
    from pipelines.rebuild import rebuilding
    from pipelines.runner import Options

    check_night(first, "--from")
    here = place(config, lake)
    loaded = here.config()
    found = here.existing_lake()
    stopped: GuardStopped | None = None
    with rebuilding(here, found, loaded, first, refetch=refetch, waiting=err.print) as runs:
        read = "from raw" if not refetch else "read again"
        nights = [night for run in runs for night in run]
        out.print(f"rebuilding {counted(len(nights), 'night')}, {_label(nights)}, {read}")
        for run in runs:
            try:
                _run(here, loaded, run, Options(refetch, accept_shrink), rebuilding=True)
            except GuardStopped as guard:
                stopped = guard
                err.print(f"{run[-1]}: {guard}", soft_wrap=True, highlight=False, markup=False)
    if stopped is not None:
        raise stopped


def _run(here: Place, config: "SyncConfig", nights: list[str], options: "Options", *, rebuilding: bool = False) -> None:
    from assets.shared.failures import GuardStopped
    from pipelines.outcome import finished
    from pipelines.runner import run_nights

    label = _label(nights)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with (
            finished(here, nights) as outcome,
            Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress,
        ):
            task = progress.add_task(label)

            def step(name: str, done: bool) -> None:
                progress.update(task, description=label if done else f"{label}: {name}")

            def say(text: str) -> None:
                err.print(text)

            outcome.span = run_nights(here, config, nights, options, step, say, err.print, rebuilding=rebuilding)
    except GuardStopped:
        _tell(here, outcome.decided())
        raise
    _tell(here, outcome.span)  # how the run ended is written by now: a reader who goes (`| head`) changes nothing of it


def _label(nights: list[str]) -> str:
    return nights[0] if len(nights) == 1 else f"{nights[0]} to {nights[-1]}"


def _tell(here: Place, treated: "Span | None") -> None:
    from assets.shared.lake import Lake
    from pipelines.cli.plan import print_summary
    from pipelines.cli.printing_files import print_files
    from pipelines.report import plans
    from pipelines.report.import_files import manifest_of

    if treated is None:
        return
    if treated.note:
        out.print(treated.note, style="yellow")
    lake = Lake(here.lake_path)
    if treated.decides and treated.last in plans.decided_nights(lake):
        rows = plans.plan(lake, treated.last)
        print_summary(plans.summary(treated.last, rows, plans.decisions(lake, treated.last)))
        if not treated.records:
            return  # a replay writes no files: those that lie there are of the plan as it was then
        print_files(manifest_of(lake, treated.last))
        files = lake.root / "files" / treated.last
        if files.is_dir():
            out.print(f"import files: {files}", soft_wrap=True)


def _missing(here: Place, config: "SyncConfig") -> list[str]:
    """Delivered nights that neither were decided nor are in raw; says which of them only a rebuild can bring in."""
    from assets.shared.lake import Lake
    from assets.shared.nights import fetched, kept_from, newest_decided
    from assets.shared.unfinished import read
    from pipelines.delivered import delivered
    from pipelines.report.plans import decided_nights

    lake = Lake(here.lake_path)
    left = read(lake)  # of a run that was killed: its nights are not there yet
    done = (set(decided_nights(lake)) | fetched(lake)) - set(left.nights if left else [])
    missing = [night for night in delivered(config) if night not in done and night >= kept_from(lake)]
    newest = newest_decided(lake) or ""
    late = [night for night in missing if night < newest and not (left and night in left.nights)]
    if late:
        out.print(
            f"{', '.join(late)}: delivered after {newest} was decided; "
            f"`crosswalk rebuild --from {late[0]} --refetch` brings {'it' if len(late) == 1 else 'them'} in"
        )
    elif not missing:
        out.print("every delivered night is in the lake")
    return [night for night in missing if night not in late]
