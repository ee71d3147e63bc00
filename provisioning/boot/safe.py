"""The safe page: what a board shows when no slot can start. It serves this one page and reads no record of a patient."""

import os
import socket
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .record import Record

ADDRESS = ("127.0.0.1", 8042)
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>SonoEdge cannot start</title>
<style>body{{font:1.25rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;background:#10151b;color:#f2f5f8}}
h1{{font-size:2rem}}</style>
<h1>SonoEdge cannot start</h1>
<p>{what}.</p>
<p>No patient data was changed. Everything recorded is still on this board.</p>
<p><b>Next step:</b> a technician installs it again from a stick: <code>sudo provisioning/install.sh --wheelhouse DIR</code>.</p>
<p>Research use, not a diagnosis.</p></html>
"""


def page(record: Record | None) -> bytes:
    """The page, with what happened last."""
    event = record.event if record is not None else None
    return PAGE.format(what=escape(event.what if event is not None else "No slot of this board can start")).encode()


def serve(record: Record | None, address: tuple[str, int] = ADDRESS) -> None:
    """Serves the page until the process ends."""
    content = page(record)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(address, Handler) as server:
        _state_ready()
        server.serve_forever()


def _state_ready() -> None:
    """Tells systemd that the service is up (sd_notify(3)); without this it would be started again and again."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"READY=1\nWATCHDOG_USEC=0", "\0" + place[1:] if place.startswith("@") else place)
