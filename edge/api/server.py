"""The web server: it writes no log, sends heartbeats, and ends when it is closed."""

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

GRACE_S = 2
"""How long open requests can continue after the server is closed."""
BEAT_S = 1
"""About how often the event loop sends a heartbeat, in seconds."""


class WebServer:
    """Serves an application on a listening socket, and closes it at the end. Call `run` in one thread, `close` in any thread."""

    def __init__(self, app: FastAPI, listener: socket.socket, beat: Callable[[], None]) -> None:
        """`beat` is called when the page answers for the first time, and then about every `BEAT_S` while the event loop is not blocked."""

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
        """Serves until `close` is called."""
        with self._listener:
            self._server.run(sockets=[self._listener])

    def close(self) -> None:
        self._server.should_exit = True
