"""The work of the thread that owns the interpreter: warm it up, read until it is closed, and load it again after a failure."""

import threading
from collections.abc import Callable

from edge.pipeline.loop import Pipeline


class ReadingLoop:
    """One thread at a time calls `run`; any thread can call the other methods."""

    def __init__(self, pipeline: Pipeline, reload: Callable[[], None]) -> None:
        """`reload` gives the pipeline a new, admitted reader of the same release."""
        self._pipeline, self._reload = pipeline, reload
        self._has_run = False
        self.ready = threading.Event()
        """Set when the model has finished its warm-up."""

    def run(self) -> None:
        """Reads until `close`. A second run uses a new interpreter, because the previous one can be damaged."""
        if self._has_run:
            self._reload()
        self._has_run = True
        self._pipeline.reader.warm_up()
        self.ready.set()
        self._pipeline.read_until_closed()

    def close(self) -> None:
        self._pipeline.close()
