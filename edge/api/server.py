"""The web server: it writes no log, sends heartbeats, and ends when it is closed."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import uvicorn
from fastapi import FastAPI

from edge.api.connection import HttpConnection, connections
from edge.api.lobby import TOTAL, Lobby
from edge.api.tls import Handshake, Tls

GRACE_S = 2
"""How long open requests can continue after the server is closed."""
BEAT_S = 1
"""About how often the event loop sends a heartbeat and looks for connections that wait too long, in seconds."""
BACKLOG = 8
"""How many connections are accepted in one turn of the event loop. A request is read two turns after its connection was accepted; fewer
than `lobby.EACH` others, which could replace it, can come until then."""
QUEUE = 1024
"""How many connections can wait in the kernel: a client whose connection finds no room there tries again after whole seconds."""
TOTAL_TLS = TOTAL // 2
"""Open connections over HTTPS. Both servers together still leave three of four files of the service to the exam."""
LARGEST_MESSAGE = 65_536
"""Bytes of a WebSocket message. A watcher sends nothing that is read."""


class WebServer:
    """Serves an application on a listening socket, and closes it at the end. Call `run` in one thread, `close` in any thread."""

    def __init__(self, app: FastAPI, listener: socket.socket, beat: Callable[[], None], tls: Tls | None = None) -> None:
        """`beat` is called when the page answers for the first time, and then about every `BEAT_S` while the event loop is not blocked."""
        lobby = Lobby() if tls is None else Lobby(TOTAL_TLS)
        http, websocket = connections(lobby)

        async def notify() -> None:
            listener.listen(QUEUE)  # asyncio has one number for both, and sets the queue to `BACKLOG` when it starts
            lobby.sweep()
            beat()

        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                loop="asyncio",
                http=http if tls is None else _secured(http, lobby, tls),
                ws=websocket,
                ws_max_size=LARGEST_MESSAGE,
                proxy_headers=False,  # no proxy stands before the appliance: everybody could state any address
                backlog=BACKLOG,
                limit_concurrency=2 * TOTAL,
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


def _secured(http: Callable[..., HttpConnection], lobby: Lobby, tls: Tls) -> type[asyncio.Protocol]:
    """What uvicorn calls, as it calls a class, for each connection: the connection with TLS under it."""
    return cast("type[asyncio.Protocol]", lambda **given: Handshake(http(**given), lobby, tls))
