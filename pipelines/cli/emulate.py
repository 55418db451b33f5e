"""`crosswalk emulate`: both CRMs on this machine, from a folder of exports."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.core import app, out


@app.command()
def emulate(
    folder: Annotated[
        Path, typer.Argument(help="folder with `hubspot` and `salesforce`, as the CRMs' export tools write them")
    ],
    port: Annotated[int, typer.Option("--port", help="port on 127.0.0.1; 0 takes a free one", min=0, max=65535)] = 8099,
    latency: Annotated[float, typer.Option("--latency", help="seconds that every answer takes", min=0)] = 0.0,
    seconds: Annotated[float | None, typer.Option("--for", help="stop after so many seconds", min=0)] = None,
) -> None:
    """Serve a HubSpot portal and a Salesforce org on 127.0.0.1, to try `kind: api` without either."""
    import time

    from assets.shared.failures import InputRefused
    from pipelines.emulate.app import Emulator
    from pipelines.emulate.serve import Serving
    from pipelines.emulate.state import Settings

    hubspot, salesforce = folder / "hubspot", folder / "salesforce"
    if not hubspot.is_dir() and not salesforce.is_dir():
        raise InputRefused(f"{folder}: has neither a folder hubspot nor a folder salesforce")
    emulator = Emulator(Settings(latency=latency))
    emulator.load(hubspot if hubspot.is_dir() else None, salesforce if salesforce.is_dir() else None)
    with Serving(emulator, port) as serving:
        for name, value in serving.secrets().items():
            out.print(f"export {name}={value}", soft_wrap=True, highlight=False)
        out.print(
            f"# serving on {serving.url}; faults: POST {serving.url}/emulator/faults; Ctrl-C stops",
            soft_wrap=True,
            highlight=False,
        )
        try:
            time.sleep(seconds if seconds is not None else 10**9)
        except KeyboardInterrupt:
            out.print("# stopped")
