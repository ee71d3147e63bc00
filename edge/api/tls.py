"""TLS under the connections of the web server. A client that does not finish its handshake waits in the lobby, as one without a request."""

import asyncio
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from dataclasses import dataclass

from edge.api.connection import HttpConnection
from edge.api.lobby import Lobby, Wait


@dataclass(frozen=True, slots=True)
class Tls:
    """`admits` states whether a client with this address can connect; any other is closed before its handshake."""

    context: ssl.SSLContext
    admits: Callable[[str], bool]


class Handshake(SSLProtocol):
    """The TLS of one connection: asyncio's own, which uvicorn would give no limit below a minute, and no place in the lobby."""

    wait = Wait.HEAD
    unsent = 0

    def __init__(self, connection: HttpConnection, lobby: Lobby, tls: Tls) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        done.add_done_callback(lambda it: it.cancelled() or it.exception())  # a client that speaks no TLS is no fault of ours
        super().__init__(loop, connection, tls.context, done, server_side=True)
        self._lobby, self._admits = lobby, tls.admits
        self._wire: asyncio.Transport | None = None
        connection.handshake = self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport
        address = str((transport.get_extra_info("peername") or ("",))[0])
        if self._admits(address):
            self._lobby.enter(self, address)
            super().connection_made(transport)
        else:
            transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._lobby.leave(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        if self._wire is not None:
            self._wire.abort()
