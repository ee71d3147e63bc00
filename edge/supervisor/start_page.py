"""The page that explains why the appliance cannot start, at the appliance's own address."""

import html
import socket
import threading
from string import Template

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from edge.api import problems
from edge.api.app import HEADERS
from edge.api.server import WebServer
from edge.api.shell import WEB
from edge.health.notify import Watchdog
from edge.health.port import listen
from edge.notice import NOTICE
from firmware_bridge.errors import SonoEdgeError, Unavailable

RELOAD_S = 10
"""Seconds until the page reloads: when the appliance has started, its own page replaces this one."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="refresh" content="$reload_s">
  <title>SonoEdge cannot start</title>
  <link rel="icon" href="/web/icon.svg">
  <link rel="stylesheet" href="/web/style.css">
</head>
<body>
  <header><h1>SonoEdge</h1><p class="notice">$notice</p></header>
  <main>
    <section class="exam" role="alert">
      <h2>The appliance cannot start</h2>
      <p class="problem">$what.</p>
      <p><strong>Next step:</strong> $fix.</p>
      <p>The appliance tries again every $again_s seconds. When it has started, its page opens here.</p>
      <p>For the technician: <code>$code</code></p>
    </section>
  </main>
</body>
</html>
""")


class Starting(Unavailable):
    """No try to start the appliance has ended yet."""

    code = "starting"


class StartPage:
    """Serves the page and `/health` until it is closed; it also feeds systemd's watchdog."""

    def __init__(self, host: str, port: int, again_s: float) -> None:
        """Opens the port. `again_s` is the time between two tries, which the page states.

        Raises:
            PortOccupied: another program uses the port, or this user is not allowed to use it.
        """
        self._asked, self._again_s = (host, port), again_s
        self._error: SonoEdgeError = Starting("The appliance is starting", "Wait a moment")
        self._listener = listen(host, port)
        self._server = WebServer(self._app(), self._listener.dup(), Watchdog().beat)
        self._thread = threading.Thread(target=self._server.run, name="start page", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def show(self, error: SonoEdgeError) -> None:
        """Shows this error from now on."""
        self._error = error

    def listen(self, host: str, port: int) -> socket.socket:
        """Like `edge.health.port.listen`, but shares the page's own address, so that the appliance takes it over without a gap.

        Raises:
            PortOccupied: another program uses the port, or this user is not allowed to use it.
        """
        return self._listener.dup() if (host, port) == self._asked else listen(host, port)

    def close(self) -> None:
        """Ends the page; safe to call twice."""
        self._server.close()
        self._thread.join()
        self._listener.close()

    def _app(self) -> FastAPI:
        app = FastAPI(title="SonoEdge", openapi_url=None)
        problems.install(app)
        app.mount("/web", StaticFiles(directory=WEB), name="web")
        app.add_api_route("/{path:path}", self._answer, methods=METHODS, response_model=None)
        return app

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        answer = self._problem(request) if path == "/health" or path.startswith("/api/") else self._page()
        answer.headers.update({**HEADERS, "Retry-After": f"{self._again_s:.0f}"})
        return answer

    def _problem(self, request: Request) -> JSONResponse:
        error = self._error
        return problems.respond(request, 503, error.what, fix=error.fix, kind=f"urn:sonoedge:{error.code}")

    def _page(self) -> HTMLResponse:
        error = self._error
        texts = {"what": error.what, "fix": error.fix, "code": error.code, "notice": NOTICE.capitalize()}
        shown = {name: html.escape(text) for name, text in texts.items()}
        return HTMLResponse(PAGE.substitute(shown, reload_s=RELOAD_S, again_s=f"{self._again_s:.0f}"), 503)
