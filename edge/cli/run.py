"""`sonoedge run`: runs the appliance on one source; systemd starts it this way."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge.appliance import Appliance, Listen
from edge.cli.own import own_settings
from edge.health.log import set_up_log
from edge.health.port import listen
from edge.notice import NOTICE
from edge.people.actor import SHELL_ACTOR
from edge.people.claims import NoCode
from edge.settings import address_of
from edge.supervisor.heap import limit_heap
from edge.supervisor.latch import Latch
from edge.supervisor.start import start_or_explain
from firmware_bridge.child import again

ENDS = (signal.SIGINT, signal.SIGTERM)


def run(
    source: Annotated[str | None, typer.Option(metavar="URL", help="serial:///dev/ttyACM0, file:///clip.mp4?pace=1, virtual://")] = None,
    machine: Annotated[
        str | None, typer.Option(metavar="NAME", help="What makes the images, such as 'Philips Lumify'; otherwise what the source states.")
    ] = None,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A model release to use instead of the active one.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page and the API; 0 takes any free port.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; 127.0.0.1 is this machine only.")] = None,
    record: Annotated[bool | None, typer.Option("--record", help="Record every frame and reading from the start.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the network.")] = None,
    serve_errors: Annotated[
        bool, typer.Option("--serve-errors", help="If the start fails, explain why on the page and try again, as the systemd service does.")
    ] = False,
) -> None:
    """Run the appliance on a source until Ctrl-C. All options that are not given come from the settings. Research use, not a diagnosis."""
    options = {"source": source, "machine": machine, "model": model, "port": port, "host": host, "threads": threads, "record": record}
    limit_heap()
    stopping = Latch()
    end_on_signals(stopping.set)

    def make(listen: Listen) -> Appliance:
        settings = own_settings(options)
        set_up_log(settings.log_level)
        # A person who gives a source must learn at once that it is absent; a board that boots waits for its probe.
        return Appliance(settings, wait_for_source=source is None, stopping=stopping, listen=listen)

    managed = bool(os.environ.get("NOTIFY_SOCKET"))
    """Whether systemd starts the appliance again when it ends."""
    if serve_errors or managed:
        set_up_log("info")
        appliance = start_or_explain(make, lambda: address_of(options), stopping)
    else:
        appliance = make(listen)
        appliance.start()
    if appliance is not None:
        gc.freeze()  # what the start made stays: the collector need not search it again while frames come
        typer.echo(f"SonoEdge: {appliance.url} ({NOTICE}; Ctrl-C ends)")
        invite(appliance)
        appliance.wait()
        appliance.join()
        if appliance.renewed and not managed:
            begin_again()


def invite(appliance: Appliance) -> None:
    """Shows how to enrol the first administrator, while there is none."""
    with suppress(NoCode):
        code = appliance.people.claim_code(SHELL_ACTOR)
        typer.echo(f"This appliance has no administrator yet. Open {appliance.url}welcome. The one-time code is {code}")


def begin_again() -> NoReturn:
    """Runs this command again in this process, from its first line: the records can be written now."""
    os.execv(sys.executable, again())  # noqa: S606 - the same command, without a shell


def end_on_signals(end: Callable[[], None]) -> None:
    """Calls `end` on Ctrl-C and on systemd's stop; it must be safe to call at any moment."""
    for number in ENDS:
        signal.signal(number, lambda *_: end())
