"""`crosswalk forget`, `migrate` and `prune-runs`: what keeps a lake in order for years."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from assets.shared.words import counted
from pipelines.cli.core import ConfigOption, LakeOption, app, err, out, place


@app.command()
def forget(
    record: Annotated[str, typer.Argument(metavar="EMAIL_OR_ID", help="an e-mail address or a record id")],
    config: ConfigOption = None,
    lake: LakeOption = None,
) -> None:
    """Erase one person from every table, file and old version, and write a proof without the data."""
    from assets.shared import unfinished
    from assets.shared.failures import CrosswalkError
    from assets.shared.forget import erase, write_proof
    from assets.shared.lock import lake_lock
    from assets.shared.upkeep import publish_views
    from pipelines.report.person import find

    here = place(config, lake)
    found = here.existing_lake()
    holder = f"crosswalk forget (process {os.getpid()})"
    with lake_lock(found.root, holder, wait_seconds=here.settings.lock_seconds, waiting=err.print):
        unfinished.settle(found)
        # An erasure that was killed may have left views of files that are gone, and nobody who would still be found.
        publish_views(found)
        proof = erase(found, find(found, record))
        publish_views(found)
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        path = write_proof(found.root, proof, at)
    if proof.remaining:
        raise CrosswalkError(
            f"the person is still named in {counted(proof.remaining, 'place')}; run the same command again"
        )
    erased = f"{counted(sum(proof.rows.values()), 'row')} of {counted(len(proof.rows), 'table')}"
    out.print(f"erased {erased} and {counted(len(proof.files), 'file')}")
    out.print(f"proof: {path}", soft_wrap=True)
    out.print(
        "The CRMs and their export folders still have the person: erase them there too, or the next night reads them again."
    )


@app.command()
def migrate(
    as_text: Annotated[
        list[str] | None,
        typer.Option("--as-text", metavar="TABLE.COLUMN", help="a column whose type the CRM has changed"),
    ] = None,
    config: ConfigOption = None,
    lake: LakeOption = None,
) -> None:
    """Bring a lake that an older Crosswalk wrote to the schema of this one, or make a column text."""
    from assets.shared.lock import lake_lock
    from pipelines.migrations import migrate as run

    here = place(config, lake)
    holder = f"crosswalk migrate (process {os.getpid()})"
    with lake_lock(here.lake_path, holder, wait_seconds=here.settings.lock_seconds, waiting=err.print):
        done = run(here.lake_path, as_text or [])
    for line in done or ["the lake has this schema already; nothing to do"]:
        out.print(line)


@app.command("prune-runs")
def prune_runs(
    older_than: Annotated[
        int, typer.Option("--older-than", min=1, metavar="DAYS", help="only runs older than this")
    ] = 30,
    config: ConfigOption = None,
    lake: LakeOption = None,
) -> None:
    """Delete old runs from the Dagster home, but none that last materialized a night."""
    from pipelines.instance import open_instance, prune

    before = datetime.now(UTC) - timedelta(days=older_than)
    with open_instance(place(config, lake)) as instance:
        gone, kept = prune(instance, before)
    out.print(f"deleted {counted(gone, 'run')}; kept {kept}, because a night depends on each")
