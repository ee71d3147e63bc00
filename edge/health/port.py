"""The port of the page and the API. It is opened before anything else starts; if that fails, the error states what to do."""

import errno
import socket

from firmware_bridge.errors import Unavailable

FAULTS = {
    errno.EADDRINUSE: ("is taken by another program", "Stop that program (see `ss -ltnp`), or choose another port with --port"),
    errno.EACCES: ("is reserved for root", "Choose a port above 1023 with --port"),
    errno.EADDRNOTAVAIL: ("is not an address of this machine", "Use --host 127.0.0.1"),
}


class PortOccupied(Unavailable):
    """The port of the page and the API cannot be opened."""

    code = "port-occupied"


def url_of(host: str, port: int) -> str:
    """The address of a page that is served there."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port belongs to us before anything starts.

    It does not block: copies of a socket share that setting, and a copy takes it from its original. The copy of a socket that blocks
    would stop the event loop of another copy, which accepts until nobody waits.

    Raises:
        PortOccupied: another program uses the port, or this user is not allowed to use it.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server((str(address[0]), port), family=family)
    except socket.gaierror as error:
        raise PortOccupied(f"'{host}' is not an address of this machine", "Use --host 127.0.0.1") from error
    except OSError as error:
        what, fix = FAULTS.get(error.errno or 0, (f"cannot be opened ({error.strerror})", "Choose another with --port or --host"))
        raise PortOccupied(f"Port {port} on {host} {what}", fix) from error
    listener.setblocking(False)
    return listener
