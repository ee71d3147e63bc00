"""The other end of a connection, on the loopback: a DICOM peer of pynetdicom, or a server that hands each connection to a function."""

import socket
import threading
from contextlib import contextmanager

from pynetdicom import AE, evt

from edge.exchange.peers.association import Sockets


@contextmanager
def scp(contexts, handlers=(), *, title="PACS", checks_title=False, ssl_context=None):
    """A peer with these SOP classes, each alone or with its transfer syntax and roles; yields its port."""
    entity, sockets = AE(title), Sockets()
    entity.require_called_aet = checks_title
    for context in contexts:
        entity.add_supported_context(*(context if isinstance(context, tuple) else (context,)))
    events = [*handlers, (evt.EVT_CONN_OPEN, sockets.note)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=events, ssl_context=ssl_context)
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        entity.shutdown()
        sockets.close()


@contextmanager
def listener(serve, context=None):
    """Yields the port. Connections stay open until the end of the block, unless `serve` closes them; `context` is for TLS."""
    connections = []

    def accept(server):
        while True:
            try:
                connection, _ = server.accept()
                connections.append(connection)
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                    connections.append(connection)
                serve(connection)
            except OSError:
                if server.fileno() < 0:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
            for connection in connections:
                connection.close()
            thread.join(10)


def silent(_):
    """Serves nothing."""
