"""Starts the appliance. If the start fails, a page at its address explains why, until a new try succeeds or a stop is requested."""

import socket
import sys
from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

from edge.health.notify import READY, STATUS, notify
from edge.health.port import listen
from edge.supervisor.latch import Latch
from edge.supervisor.start_page import StartPage
from firmware_bridge.errors import SonoEdgeError, Unavailable

AGAIN_S = 30.0
"""Seconds between two tries: after a disk is repaired or a model is put back, nobody needs to restart the appliance."""

Listen = Callable[[str, int], socket.socket]

log = structlog.get_logger()


class Startable(Protocol):
    """An appliance that is built, but not yet started."""

    def start(self) -> None: ...


Started = TypeVar("Started", bound=Startable)


class StartFailed(Unavailable):
    """The appliance could not start, for a reason that has no error class of its own."""

    code = "start-failed"


def start_or_explain(
    make: Callable[[Listen], Started], address: Callable[[], tuple[str, int]], stopping: Latch, again_s: float = AGAIN_S
) -> Started | None:
    """The started appliance that `make` builds; None if `stopping` was set first. A page at `address` explains each failure.

    Raises:
        PortOccupied: the page cannot open its port either.
    """
    page: StartPage | None = None
    try:
        while not stopping.is_set():
            try:
                made = make(page.listen if page else listen)
                if page:
                    page.close()
                    page = None
                made.start()
            except Exception as error:
                failed = _named(error)
            else:
                return made
            page = page or StartPage(*address(), again_s)
            _explain(failed, page)
            stopping.wait(again_s)
        return None
    finally:
        if page:
            page.close()


def _named(error: Exception) -> SonoEdgeError:
    if isinstance(error, SonoEdgeError):
        sys.stderr.write(f"sonoedge: {error}\n")
        return error
    log.error("the appliance cannot start", exc_info=error)
    return StartFailed(
        f"The appliance failed while it started ({error!r})", "Restart the board; if it fails again, report this with the log"
    )


def _explain(failed: SonoEdgeError, page: StartPage) -> None:
    """Shows the failure on the page. Reports "ready" to systemd, which would otherwise end a start that takes too long."""
    page.show(failed)
    notify(f"{READY}\n{STATUS}cannot start: {failed.what}")
    log.warning("cannot start", problem=failed.what, fix=failed.fix, page=page.url)
