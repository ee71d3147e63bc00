"""The job of the thread that owns the interpreter: warms it up, reads until it is closed, and loads it anew after a failure."""

import threading
from collections.abc import Callable

from edge.pipeline.loop import Pipeline


class ReadingLoop:
    """`run` belongs to one thread at a time, the rest to any."""

    def __init__(self, pipeline: Pipeline, reload: Callable[[], None]) -> None:
        """`reload` gives the pipeline a new, admitted reader of the same release."""
        self._pipeline, self._reload = pipeline, reload
        self._has_run = False
        self.ready = threading.Event()
        """Set once the model has answered its warm-up."""

    def run(self) -> None:
        """Reads until `close`; when it runs again, its interpreter is a new one, because the previous one may be damaged."""
        if self._has_run:
            self._reload()
        self._has_run = True
        self._pipeline.reader.warm_up()
        self.ready.set()
        self._pipeline.read_until_closed()

    def close(self) -> None:
        self._pipeline.close()
