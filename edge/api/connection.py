"""The connections of the web server: uvicorn's own, which a lobby counts and can close."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from edge.api.lobby import Guest, Lobby, Wait

WAITS = {h11.IDLE: Wait.HEAD, h11.SEND_BODY: Wait.BODY}
"""State of the client in h11 -> what the connection waits for."""
ENDLESS = "endless"
"""In the state of a request: its answer ends only when the client leaves."""


class HttpConnection(H11Protocol):
    """One HTTP connection; `connections` gives it a lobby."""

    lobby: Lobby
    handshake: Guest | None = None
    """What waited in the lobby before this connection was made."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if self.handshake is not None:
            self.lobby.leave(self.handshake)
        self.lobby.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lobby.leave(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """The WebSocket enters the lobby in place of this connection."""
        self.lobby.leave(self)
        super().handle_websocket_upgrade(event)

    @property
    def wait(self) -> Wait:
        return Wait.READER if self.unsent else WAITS.get(self.conn.their_state, Wait.NOTHING)

    @property
    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        self.transport.abort()

    def shutdown(self) -> None:
        """An answer without an end ends here; the appliance would wait for it until its patience is over."""
        if self.conn.our_state is h11.SEND_BODY and self.scope["state"].get(ENDLESS):
            self.abort()
        else:
            super().shutdown()


class SocketConnection(WebSocketsSansIOProtocol):
    """One WebSocket. A client that does not answer pings is disconnected by uvicorn."""

    lobby: Lobby
    wait = Wait.NOTHING
    unsent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.lobby.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lobby.leave(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        self.transport.abort()


def connections(lobby: Lobby) -> tuple[type[HttpConnection], type[SocketConnection]]:
    """The two classes for one server; uvicorn makes the objects."""

    class Http(HttpConnection):
        pass

    class Socket(SocketConnection):
        pass

    Http.lobby = Socket.lobby = lobby
    return Http, Socket
