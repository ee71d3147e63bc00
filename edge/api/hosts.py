"""Which site a request is for, and which site sent it.

A page of another site can give its own name the appliance's address (DNS rebinding). The browser then takes the appliance for a part of
that site. So the name in `Host` must be one of ours: an attacker cannot choose it.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus

from fastapi import Request
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from edge.api.problems import refusal
from firmware_bridge.errors import InputRefused

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::[0-9]{0,5})?", re.ASCII | re.IGNORECASE)
"""RFC 9110, section 7.2: a name, an IPv4 address or an IPv6 address in brackets, and a port."""
SCHEMES = ("http://", "https://")
REFUSED_SOCKET = 1008


class HostUnknown(InputRefused):
    """The request is for a name that does not belong to this appliance."""

    code = "host-unknown"
    says_code = "host_unknown"
    status = HTTPStatus.MISDIRECTED_REQUEST


class Hosts:
    """Refuses requests and live streams for a name that is not ours; it comes before every other layer."""

    def __init__(self, app: ASGIApp, names: Callable[[], Iterable[str]]) -> None:
        """`names` returns those of the settings; those of the machine are added."""
        self._app, self._settings_names = app, names
        self._machine_names = machine_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or self._is_ours(HTTPConnection(scope)):
            await self._app(scope, receive, send)
            return
        error = HostUnknown(
            "This is not a name of the appliance",
            "Open the page with the appliance's IP address, or add the name to `names` in its settings",
        )
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(REFUSED_SOCKET, error.what)
        else:
            answer = refusal(Request(scope), error)
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)

    def _is_ours(self, asked: HTTPConnection) -> bool:
        name = host_name(asked.headers.get("host", ""))
        if name is None:
            return False
        if name in self._machine_names or _is_loopback(name) or name == _own_address(asked.scope):
            return True
        return name in map(_plain, self._settings_names())


def host_name(host: str) -> str | None:
    """The name or address in a `Host` header, in lower case and without its port; None if the header is not valid."""
    found = HOST.fullmatch(host)
    return _plain(found["name"].strip("[]")) if found else None


def same_site(asked: HTTPConnection) -> bool:
    """Whether the page that sent the request is one of ours. A program sends no `Origin` and is admitted."""
    origin, host = asked.headers.get("origin"), asked.headers.get("host")
    return origin is None or (host is not None and origin in {scheme + host for scheme in SCHEMES})


def machine_names() -> frozenset[str]:
    """The names of this machine, also as mDNS announces it."""
    name = _plain(socket.gethostname())
    return frozenset({"localhost", name, f"{name.partition('.')[0]}.local"})


def _own_address(scope: Scope) -> str | None:
    """The address at which this connection arrived; it is one of the machine's own."""
    server = scope.get("server")
    return _plain(str(server[0])) if server else None


def _plain(name: str) -> str:
    """The usual spelling: `::ffff:192.0.2.7` is 192.0.2.7, `fe80::1%eth0` is fe80::1, and `Sono.lan.` is sono.lan."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name.lower().removesuffix(".")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
