"""`crosswalk files`: a night's import files in loading order, what is loaded of them and what is next."""

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
    out,
    place,
)
from pipelines.cli.tables import Table

if TYPE_CHECKING:
    from assets.import_files.loaded import Standing

_STYLES = {"next": "bold", "loaded": "dim", "changed": "yellow", "waiting": ""}


@app.command()
def files(
    config: ConfigOption = None,
    lake: LakeOption = None,
    night: NightOption = None,
    loaded: Annotated[
        list[str] | None,
        typer.Option("--loaded", metavar="FILE", help="record that this file was loaded without failures"),
    ] = None,
    form: FormatOption = "table",
) -> None:
    """A night's import files in loading order: what is loaded, what is next, what waits for what or for another day."""
    from assets.import_files.loaded import mark, standings
    from assets.shared.failures import InputRefused
    from pipelines.report import plans
    from pipelines.report.import_files import folder_of, manifest_of

    check_format(form)
    found = place(config, lake).existing_lake()
    tonight = plans.night_of(found, check_night(night))
    manifest = manifest_of(found, tonight)
    if manifest is None:
        raise InputRefused(f"{tonight}: has no import files: a guard stopped them, or a later night folded them in")
    folder = folder_of(found, tonight)
    if loaded:
        mark(manifest, folder, loaded)
    rows = standings(manifest, folder)
    if form == "jsonl":
        for row in rows:
            printing.json_line(_line(row))
    else:
        out.print(_table(tonight, rows))
        out.print(f"folder: {folder}", soft_wrap=True)


def _line(row: "Standing") -> dict[str, Any]:
    file = row.file
    return {
        "order": file.order,
        "day": row.day,
        "status": row.status,
        "target": file.target,
        "object": file.object,
        "operation": file.operation,
        "via": file.via,
        "file": file.file,
        "rows": file.rows,
        "waits_for": file.waits_for,
    }


def _table(night: str, rows: "list[Standing]") -> Table:
    done = sum(row.status == "loaded" for row in rows)
    table = Table(title=f"{night}: {done} of {counted(len(rows), 'file')} loaded")
    for name in ("order", "day", "status", "via", "file", "rows", "waits for"):
        table.add_column(name, justify="right" if name in ("order", "day", "rows") else "left")
    for row in rows:
        file = row.file
        waits = ", ".join(file.waits_for) if row.status == "waiting" else ""
        cells = (str(file.order), str(row.day), row.status, file.via, file.file, f"{file.rows:,}", waits)
        table.add_row(*cells, style=_STYLES[row.status])
    return table
