"""`crosswalk check`: sync.yaml by itself and against the sources of one night."""

import typer

from pipelines.cli.core import ConfigOption, LakeOption, NightOption, app, check_night, out, place


@app.command()
def check(config: ConfigOption = None, lake: LakeOption = None, night: NightOption = None) -> None:
    """Validate sync.yaml against the sources; list every problem."""
    here = place(config, lake)
    check_night(night)
    here.config()
    out.print("sync.yaml is in order")
    raise typer.Exit(0)
