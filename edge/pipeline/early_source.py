"""EarlySource: opens the first source while the appliance opens its records and loads its model, because most of it is waiting."""

import threading

from edge.pipeline.later import Later
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.url import open_source


class EarlySource:
    """Begins at once, in a thread of its own. One thread may `take` the source; any thread may `close`."""

    def __init__(self, url: str, machine: Machine | None = None) -> None:
        """`machine` is what the site states, as for `open_source`."""
        self._source: Later[Source] = Later()
        self._lock = threading.Lock()
        self._given = False
        threading.Thread(target=self._source.make, args=(lambda: open_source(url, machine),), name="source opening", daemon=True).start()

    def take(self) -> Source:
        """Waits for the source, which then belongs to the caller.

        Raises:
            BridgeError: it cannot be opened.
        """
        source = self._source.get()
        with self._lock:
            self._given = True
        return source

    def close(self) -> None:
        """Closes the source if nobody took it; waits until it is open."""
        with self._lock:
            given, self._given = self._given, True
        if given:
            return
        try:
            source = self._source.get()
        except Exception:  # it was never open, and nobody wants to know why
            return
        source.close()
