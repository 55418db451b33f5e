"""`crosswalk match`: cluster any file of people or companies, without a portal, a configuration or a lake."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from assets.shared.words import counted
from pipelines.cli.core import FormatOption, app, check_format, check_one_of, err


@app.command()
def match(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON Lines file", metavar="FILE")],
    pairs: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="say what a column is; may be repeated", show_default=False),
    ] = None,
    truth: Annotated[
        str | None,
        typer.Option(
            "--truth", metavar="COLUMN", help="column that says which entity a row truly is; measures the result"
        ),
    ] = None,
    form: FormatOption = "table",
    entity: Annotated[
        str | None, typer.Option("--entity", metavar="person|company", help="what a row is; guessed if not said")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="CODE", help="country of phone numbers written without one, such as DE"),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights", metavar="JSON", help="begin with these weights: Crosswalk's form, or a model saved by Splink"
        ),
    ] = None,
) -> None:
    """Find the records of a file that are the same person or company, with the shipped settings.

    Prints each record with its cluster (the first member's id, or row number where the file has no id); with --truth a last
    line with precision, recall and F1 of the linked pairs and of the clusters.
    """
    from assets.identity import matchfile
    from assets.shared.lake import Lake
    from schemas.sync import PERSON_OR_COMPANY

    check_format(form)
    check_one_of(entity, PERSON_OR_COMPANY, "--entity")
    region = _region(region)
    given = dict(_pair(text) for text in pairs or [])
    frame = matchfile.read(file)
    with tempfile.TemporaryDirectory() as folder, Lake(Path(folder)).connect() as session:
        outcome = matchfile.run(session, frame, given, truth, entity, region, weights)
    used = ", ".join(f"{field}={'+'.join(columns)}" for field, columns in outcome.mapped.sources.items())
    err.print(f"{counted(frame.height, 'record')} read as {outcome.mapped.entity}; {used}")
    if outcome.inboxes.addresses:
        err.print(
            f"role inboxes, which join nobody: {counted(outcome.inboxes.addresses, 'address', 'addresses')} of "
            f"{counted(outcome.inboxes.records, 'record')} (data/reference/identity_role_inboxes.csv)"
        )
    if form == "jsonl":
        sys.stdout.write(outcome.rows.write_ndjson())
    else:
        sys.stdout.write(outcome.rows.write_csv())
    if outcome.quality is not None:
        sys.stdout.write(json.dumps(outcome.quality) + "\n")
    sys.stdout.flush()


def _region(code: str | None) -> str | None:
    """A country as numbers are read in it. Raises BadParameter for a code that no country has."""
    from phonenumbers import SUPPORTED_REGIONS

    if code is not None and code.strip().upper() not in SUPPORTED_REGIONS:
        raise typer.BadParameter(f"'{code}' is no country's code of two letters, as DE or GB", param_hint="--region")
    return code and code.strip().upper()


def _pair(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals or not column:
        raise typer.BadParameter(f"'{text}' is not column=field", param_hint="--map")
    return column, field
