"""Looks after the audit trail of a running appliance: its newest entry is signed now and then, and a wrong clock is reported."""

import threading
import time
from collections.abc import Callable

import structlog

from edge.records.audit.heads import Heads
from edge.records.clock_correction import ClockGuard
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError

LOOK_S = 60.0
SIGN_S = 3600.0

log = structlog.get_logger()


class AuditKeeper:
    """A worker of the appliance; a failed step is tried again in the next round."""

    def __init__(self, store: Store, clock: ClockGuard) -> None:
        self._store, self._clock = store, clock
        self._heads = Heads(store.path.parent)
        self._signed_at = time.monotonic()

    def run(self, stopping: threading.Event) -> None:
        """Checks every minute until the appliance stops."""
        self._round()
        while not stopping.wait(LOOK_S):
            self._round()

    def close(self) -> None:
        """Signs the newest entry once more."""
        self._try(self._sign)

    def _round(self) -> None:
        self._try(self._clock.look)
        if time.monotonic() - self._signed_at >= SIGN_S:
            self._try(self._sign)

    def _sign(self) -> None:
        self._heads.append(self._store)
        self._signed_at = time.monotonic()

    def _try(self, chore: Callable[[], None]) -> None:
        try:
            chore()
        except SonoEdgeError as error:
            log.warning("a check of the audit trail failed", problem=error.what, fix=error.fix)
