"""The web server: it logs nothing of its own, gives a sign of life, and ends when it is closed."""

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

GRACE_S = 2
"""How long open requests may take to end when the server is closed."""
BEAT_S = 1
"""The event loop gives a sign of life about so often."""


class WebServer:
    """Serves an application on a listening socket, which is closed at the end. `run` belongs to one thread, `close` to any."""

    def __init__(self, app: FastAPI, listener: socket.socket, beat: Callable[[], None]) -> None:
        """`beat` is called once the page answers, and then about once in `BEAT_S` while the event loop is not blocked."""

        async def notify() -> None:
            beat()

        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ws="websockets-sansio",
                ws_per_message_deflate=False,  # it would compress each JPEG on the event loop, once for each watcher
                timeout_graceful_shutdown=GRACE_S,
                timeout_notify=BEAT_S,
                callback_notify=notify,
            )
        )

    def run(self) -> None:
        """Serves until `close`."""
        with self._listener:
            self._server.run(sockets=[self._listener])

    def close(self) -> None:
        self._server.should_exit = True
