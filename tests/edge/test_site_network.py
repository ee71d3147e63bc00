"""A board that belongs to a site: tablets of its network open the pages over HTTPS, and a fault there stops nothing."""

import http.client
import json
import socket
import ssl
import sys
from datetime import datetime, timezone

import pytest

from edge.appliance import Appliance
from edge.health.port import PortOccupied, listen
from edge.people.actor import SHELL_ACTOR
from edge.services.site import HostClosed
from edge.settings import Settings
from provisioning.boot.place import Place
from provisioning.identity.device import make_device
from provisioning.site.opened import Site
from provisioning.site.policy import Policy

PIN = "482915"


@pytest.fixture
def board(tmp_path, monkeypatch):
    """The place of a board of a publisher; the program of the test counts as the one in its slot a."""
    place = Place(tmp_path / "opt")
    (place.slot("a")).mkdir(parents=True)
    place.trust.mkdir()
    place.trusted_root.write_bytes(b"{}")
    make_device(tmp_path / "data" / "identity")
    monkeypatch.setattr(sys, "prefix", str(place.slot("a")))
    policy = Policy(site="korle-bu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), networks=["127.0.0.0/8"])
    place.site.write_text(policy.model_dump_json())
    return place


class Doors:
    """Opens the ports on this machine only, each on a free port; `taken` is the error of the port for tablets."""

    def __init__(self, taken=None):
        self.taken, self.tablets = taken, None

    def __call__(self, host, port):
        if port != 8443:
            return listen(host, 0)
        if self.taken:
            raise self.taken
        opened = listen("127.0.0.1", 0)
        self.tablets = opened.getsockname()
        return opened


def settings(tmp_path, **others):
    return Settings(**{"source": "", "port": 0, "data_dir": tmp_path / "data", "threads": 1} | others)


class Tablet:
    """A browser on the network that trusts the authority of the board, and asks for a name."""

    def __init__(self, site, address, name):
        trust = ssl.create_default_context(cadata=site.certificates().authority.pem)
        self._line = http.client.HTTPSConnection(site.host, context=trust)
        self._line.sock = trust.wrap_socket(socket.create_connection(address), server_hostname=site.host)
        self._name = name

    def ask(self, method, path, body=None):
        headers = {"Host": self._name, "Content-Type": "application/json", "Origin": f"https://{self._name}"}
        self._line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._line.getresponse()
        return answer, answer.read()

    def close(self):
        self._line.close()


@pytest.fixture
def opened(board, tmp_path, eventually):
    """A running appliance with its site, and the address for tablets."""
    doors = Doors()
    with Appliance(settings(tmp_path), listen=doors) as appliance:
        eventually(lambda: doors.tablets is not None, "the port for tablets did not open")
        yield appliance, Site(board, tmp_path / "data" / "identity"), doors.tablets


def asked(opened, method, path, body=None, name=""):
    _, site, address = opened
    tablet = Tablet(site, address, name or f"{site.host}:8443")
    try:
        return tablet.ask(method, path, body)
    finally:
        tablet.close()


def test_a_tablet_opens_the_page_by_the_name_of_the_board(opened):
    answer, page = asked(opened, "GET", "/")
    assert answer.status == 200
    assert b"SonoEdge" in page
    assert asked(opened, "GET", "/", name="other.site")[0].status == 421


def test_a_session_over_https_stays_on_https(opened):
    appliance, *_ = opened
    code = appliance.people.claim_code(SHELL_ACTOR)
    claimed, _ = asked(opened, "POST", "/api/v1/claim", {"badge": "boss", "name": "Boss", "pin": PIN, "code": code})
    assert claimed.status in (200, 201), claimed.status
    answer, _ = asked(opened, "POST", "/api/v1/sessions", {"name": "boss", "pin": PIN})
    assert answer.status == 201
    assert "Secure" in answer.headers["Set-Cookie"]


def test_the_board_states_what_tablets_need(opened):
    _, site, _ = opened
    stated = json.loads(asked(opened, "GET", "/api/v1/board")[1])["site"]
    assert stated["address"] == f"https://{site.host}:8443/"
    assert stated["networks"] == ["127.0.0.0/8"]
    assert stated["certificate"] == site.certificates().authority.fingerprint


def fault_of(appliance):
    return next((each for each in appliance.outages if each.name == "https"), None)


def stated_fault(appliance, eventually):
    """The outage, as it was when it was seen: between two attempts there is none."""
    seen = []
    eventually(lambda: seen.append(fault_of(appliance)) or seen[-1], "the outage is not stated")
    return seen[-1]


def test_a_port_of_another_program_is_an_outage_and_the_board_itself_still_shows_its_page(board, tmp_path, eventually):
    with Appliance(settings(tmp_path), listen=Doors(PortOccupied("Port 8443 is taken by another program", "Stop it"))) as appliance:
        outage = stated_fault(appliance, eventually)
        assert "Port 8443 is taken" in outage.cause
        assert "Tablets on the network cannot open the page" in outage.silence
        assert appliance.ready


@pytest.mark.parametrize("content", [b"", b"{", b'{"site": "x"}'])
def test_a_damaged_policy_is_an_outage(board, tmp_path, eventually, content):
    board.site.write_bytes(content)
    with Appliance(settings(tmp_path), listen=Doors()) as appliance:
        assert "cannot be used" in stated_fault(appliance, eventually).cause
        assert appliance.ready


def test_a_board_without_a_site_has_no_port_for_tablets(board, tmp_path):
    board.site.unlink()
    with Appliance(settings(tmp_path), listen=Doors(AssertionError("no port"))) as appliance:
        assert appliance.site_job is None
        assert fault_of(appliance) is None


def test_the_settings_do_not_open_a_board_of_a_publisher(board, tmp_path):
    with pytest.raises(HostClosed):
        Appliance(settings(tmp_path, host="0.0.0.0"), listen=Doors())
