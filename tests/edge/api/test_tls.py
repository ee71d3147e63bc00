"""The server for the tablets of a site, over real TLS connections: who is admitted, who is closed, and a certificate that is renewed."""

import socket
import ssl
import threading
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest
from fastapi import FastAPI, Request, WebSocket
from websockets.sync.client import connect

from edge.api import lobby
from edge.api.site import site_server
from firmware_bridge.errors import Unavailable
from provisioning.boot.place import Place
from provisioning.identity import https
from provisioning.identity.device import make_device
from provisioning.site import opened
from provisioning.site.opened import Certificates, Site
from provisioning.site.policy import Policy
from tests.edge.api.lines import answer, closed

ASK = b"GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HERE, ELSEWHERE = "127.0.0.0/8", "10.0.0.0/8"
LIMIT_S = 30


def application():
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> str:
        return f"{request.url.scheme} {request.client.host}"

    @app.websocket("/echo")
    async def echo(line: WebSocket) -> None:
        await line.accept()
        await line.send_text(await line.receive_text())
        await line.close()

    return app


def site_at(folder, networks=(HERE,)):
    """A board that belongs to a site."""
    place, identity = Place(folder / "opt"), folder / "identity"
    place.root.mkdir(exist_ok=True)
    policy = Policy(site="korle-bu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), networks=networks)
    place.site.write_text(policy.model_dump_json())
    make_device(identity)
    return Site(place, identity)


class Served:
    """A running server of a site; `listen` takes a free port of this machine instead of the one of the policy."""

    def __init__(self, site):
        self.site, self.beats, self.beating = site, [], threading.Event()
        self.server = site_server(application(), site, self._listen, self._beat)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        assert self.beating.wait(LIMIT_S)

    def _listen(self, host, port):
        self.asked = (host, port)
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = listener.getsockname()
        return listener

    def _beat(self, worker):
        self.beats.append(worker)
        self.beating.set()

    def connected(self):
        return socket.create_connection(self.address, timeout=LIMIT_S)

    def secured(self, line):
        """As a tablet that has the authority of the board."""
        trust = ssl.create_default_context(cadata=self.site.certificates().authority.pem)
        return trust.wrap_socket(line, server_hostname=self.site.host)

    def ask(self, text=ASK):
        with self.connected() as line, self.secured(line) as secured:
            secured.sendall(text)
            return answer(secured)

    def end(self):
        self.server.close()
        self.thread.join()


@pytest.fixture
def served(tmp_path):
    made = Served(site_at(tmp_path))
    yield made
    made.end()


def test_a_tablet_that_trusts_the_board_opens_its_page(served):
    assert b"https 127.0.0.1" in served.ask()
    assert served.asked == ("127.0.0.1", 8443)
    assert set(served.beats) == {"https"}


def test_a_live_stream_goes_through(served):
    trust = ssl.create_default_context(cadata=served.site.certificates().authority.pem)
    with served.connected() as line, connect(f"wss://{served.site.host}/echo", sock=line, ssl=trust) as stream:
        stream.send("a frame")
        assert stream.recv(LIMIT_S) == "a frame"


def test_a_tablet_that_does_not_know_the_board_warns(served):
    with served.connected() as line, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(line, server_hostname=served.site.host)


def test_old_tls_is_not_spoken(tmp_path):
    assert Certificates(site_at(tmp_path)).context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_client_outside_the_networks_is_closed_before_its_handshake(tmp_path):
    made = Served(site_at(tmp_path, [ELSEWHERE]))
    try:
        with made.connected() as line:
            assert answer(line) == b""
    finally:
        made.end()


def test_a_client_that_speaks_no_tls_is_closed(served, caplog):
    with served.connected() as line:
        line.sendall(ASK)
        assert b"HTTP" not in answer(line)
    assert b"127.0.0.1" in served.ask()
    assert caplog.records == []


def test_a_handshake_that_does_not_end_is_closed(served, monkeypatch):
    monkeypatch.setattr(lobby, "LIMITS_S", dict.fromkeys(lobby.LIMITS_S, 0.1))
    with served.connected() as line:
        assert answer(line) == b""


def test_the_page_answers_beside_many_handshakes_that_do_not_end(served):
    with ExitStack() as idle:
        lines = [idle.enter_context(served.connected()) for _ in range(2 * lobby.EACH)]
        assert b"127.0.0.1" in served.ask()
        assert sum(not closed(line) for line in lines) <= lobby.EACH


def test_a_certificate_that_ends_soon_is_renewed_while_tablets_are_connected(tmp_path, monkeypatch):
    site, now = site_at(tmp_path), [0.0]
    certificates = Certificates(site, lambda: now[0])
    first = site.certificates().leaf
    monkeypatch.setattr(https, "RENEW_BEFORE", timedelta(days=398))
    certificates.keep()
    assert presented(certificates) == first.fingerprint.replace(":", "").lower()
    now[0] += opened.LOOK_S
    certificates.keep()
    assert presented(certificates) not in ("", first.fingerprint.replace(":", "").lower())


def presented(certificates):
    """The SHA-256 of the leaf that a client is shown."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    back, forth = ssl.MemoryBIO(), ssl.MemoryBIO()
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    server, client = certificates.context.wrap_bio(incoming, outgoing, server_side=True), anyone.wrap_bio(back, forth)
    for _ in range(4):
        for side, theirs, ours in ((client, forth, incoming), (server, outgoing, back)):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
            ours.write(theirs.read())
    return sha256(client.getpeercert(binary_form=True)).hexdigest()


def test_a_port_of_another_program_is_stated(tmp_path):
    def taken(host, port):
        raise Unavailable(f"Port {port} on {host} is taken", "Stop the other program")

    with pytest.raises(Unavailable):
        site_server(application(), site_at(tmp_path), taken, print)
