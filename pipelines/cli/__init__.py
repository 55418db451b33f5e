"""The `crosswalk` command: one module a group of commands, each thin. A new module is named in the import below."""

import sys

from pipelines.cli.core import app
from pipelines.cli.core import run as run_app

from pipelines.cli import check, duplicates, emulate, explain  # isort: skip  # noqa: F401  (importing registers commands)
from pipelines.cli import files, match, plan, preflight, run  # isort: skip  # noqa: F401
from pipelines.cli import segment, simulate, upkeep  # isort: skip  # noqa: F401

__all__ = ["app", "main"]


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run_app())
