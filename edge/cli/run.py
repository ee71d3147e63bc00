"""`sonoedge run`: the appliance on one source, as systemd starts it."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from edge.appliance import Appliance
from edge.health.log import set_up_log
from edge.settings import load_settings

ENDS = (signal.SIGINT, signal.SIGTERM)


def run(  # noqa: PLR0917 - the command line's options
    source: Annotated[str | None, typer.Option(metavar="URL", help="serial:///dev/ttyACM0, file:///clip.mp4?pace=1, virtual://")] = None,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A model release, instead of the active one.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page and the API; 0 takes any free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; 127.0.0.1 is this machine only.")] = None,
    record: Annotated[bool | None, typer.Option("--record", help="Record every frame and reading from the start.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the network.")] = None,
) -> None:
    """Run the appliance on a source until Ctrl-C. What is not given here comes from the settings. Research use, not a diagnosis."""
    settings = load_settings({"source": source, "model": model, "port": port, "host": host, "threads": threads, "record": record})
    set_up_log(settings.log_level)
    # A person who names a source wants to hear that it is absent; a board that boots waits for its probe.
    appliance = Appliance(settings, wait_for_source=source is None)
    end_on_signals(appliance)
    with appliance:
        typer.echo(f"SonoEdge: {appliance.url} (research use, not a diagnosis; Ctrl-C ends)")
        appliance.wait()


def end_on_signals(appliance: Appliance) -> None:
    """Ctrl-C and systemd's stop end the appliance in good order."""
    for end in ENDS:
        signal.signal(end, lambda *_: appliance.stop())
