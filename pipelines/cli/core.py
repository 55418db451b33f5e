"""What every command shares: the app, its options, and how a failure becomes an exit status and one line."""

import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from typer.exceptions import Abort, Exit, TyperException

from assets.shared.failures import in_words
from pipelines.settings import Settings

if TYPE_CHECKING:
    from assets.shared.lake import Lake
    from schemas.config import SyncConfig

app = typer.Typer(
    name="crosswalk",
    help="terraform plan for CRM sync: what a correct HubSpot-Salesforce integration would change, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root() -> None:
    """A callback keeps `crosswalk` a group, however many commands it has."""


# What is printed is data: brackets and colons in it are no markup and no emoji.
out = Console(width=None if sys.stdout.isatty() else 120, markup=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="sync.yaml (CROSSWALK_CONFIG; else data/sync.yaml)", show_default=False)
]
LakeOption = Annotated[
    Path | None,
    typer.Option("--lake", help="lake folder (CROSSWALK_LAKE; else `lake` beside the sync.yaml)", show_default=False),
]
NightOption = Annotated[
    str | None, typer.Option("--night", help="night, as 2026-11-20", show_default=False, metavar="DATE")
]
FormatOption = Annotated[str, typer.Option("--format", help="table or jsonl", metavar="table|jsonl")]


@dataclass(frozen=True)
class Place:
    """The configuration file and the lake that a command works on."""

    config_path: Path
    lake_path: Path
    settings: Settings

    def config(self) -> "SyncConfig":
        """The checked configuration. Raises ConfigError."""
        from pipelines.configuration import read_config

        return read_config(self.config_path)

    def lake(self) -> "Lake":
        """The lake, created where a command writes. Raises InputRefused for another schema version."""
        from assets.shared.lake import Lake

        return Lake(self.lake_path)

    def existing_lake(self) -> "Lake":
        """The lake of a command that only reads. Raises InputRefused where there is none."""
        from assets.shared.failures import InputRefused
        from assets.shared.lake import Lake

        if not (self.lake_path / "lake.json").exists():
            raise InputRefused(f"{self.lake_path}: there is no lake here; run `crosswalk nightly` first")
        lake = Lake(self.lake_path)
        lake.prepare()
        return lake


def place(config: Path | None, lake: Path | None) -> Place:
    """Resolve the options every command takes."""
    settings = Settings()
    return Place(settings.config_path(config), settings.lake_path(lake, config), settings)


def check_format(value: str) -> None:
    """Usage error for a format that no command prints."""
    check_one_of(value, ("table", "jsonl"), "--format")


def check_one_of(value: str | None, accepted: Iterable[str], option: str) -> None:
    """Usage error for an option's value that is not one of those accepted; None where the option was not given."""
    accepted = list(accepted)
    if value is not None and value not in accepted:
        raise typer.BadParameter(f"'{value}' is not one of {', '.join(accepted)}", param_hint=option)


def check_night(value: str | None, option: str = "--night") -> str | None:
    """The night that an option gives, if it does; usage error for one that is no date."""
    from datetime import date

    if value is None:
        return None
    try:
        same = date.fromisoformat(value).isoformat() == value  # Python reads other forms too, such as 2026-W47-5
    except ValueError:
        same = False
    if not same:
        raise typer.BadParameter("a night is a date such as 2026-11-20", param_hint=option)
    return value


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status (design section 8). Never raises, never shows a traceback."""
    os.umask(0o077)
    try:
        result = app(args=arguments, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except Exit as error:
        return error.exit_code
    except Abort:
        err.print("error: aborted")
        return 1
    except KeyboardInterrupt:
        err.print("error: interrupted")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except TyperException as error:
        said = one_line(error.format_message())  # nothing where no command was named: its help has been printed
        err.print(f"error: {said or 'name a command'}")
        return 2
    except Exception as error:
        if Settings().debug:
            traceback.print_exc()
        return report(error)


def report(error: BaseException) -> int:
    """Print what an exception says, without what the data says, and return its exit status."""
    while type(error).__module__.startswith("dagster.") and error.__cause__ is not None:
        error = error.__cause__  # Dagster wraps what a resource raises
    status = getattr(error, "exit_status", None)
    if isinstance(status, int):
        problems = getattr(error, "problems", None)
        lines = str(error).splitlines() if problems else [one_line(str(error))]
        for line in lines:
            err.print(f"error: {line}")
        return status
    err.print(f"error: {in_words(error)}")
    return 1


def one_line(text: str) -> str:
    """A text without line breaks."""
    return " ".join(text.split())
