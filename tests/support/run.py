"""The one way tests run a whole night: in process, from the export files to the import files."""

from pathlib import Path

from assets.shared.lake import Lake
from pipelines.configuration import read_config
from tests.support import night as nights


def run_night(config: Path, lake: Path, night: str, *, write_files: bool = True) -> nights.NightReport:
    """Run a night as `crosswalk nightly` does, with the sync.yaml as it is now."""
    return nights.run_night(read_config(config), Lake(lake), night, write_files=write_files)
