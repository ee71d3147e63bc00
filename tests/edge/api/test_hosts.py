"""A page of another site that gives its name our address (DNS rebinding) gets nothing, not even the live stream."""

import socket

import pytest
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from edge.api.app import create_app
from edge.api.hosts import host_name, same_site
from edge.settings import Settings

LIVE = "/api/v1/live"
EVIL = [
    "evil.example",
    "evil.example:8042",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil@127.0.0.1",
    "127.0.0.1#evil.example",
    "127.0.0.1, evil.example",
    "[::1",
    "[::1]evil.example",
    "[",
    "",
    "8.8.8.8",
    "2130706433",
]
OURS = ["localhost", "LOCALHOST:8042", "localhost.", "127.0.0.1:8042", "127.1.2.3", "[::1]:8042", "[::ffff:127.0.0.1]", "testserver"]


def asked(origin, host):
    headers = [(name, value.encode()) for name, value in ((b"origin", origin), (b"host", host)) if value is not None]
    return HTTPConnection({"type": "http", "headers": headers})


@pytest.mark.parametrize("host", EVIL)
def test_a_request_for_another_name_is_refused_with_the_next_step(client, host):
    answer = client.get("/health", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:sonoedge:host-unknown")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "`names`" in answer.json()["fix"]


@pytest.mark.parametrize("host", [*OURS, socket.gethostname(), f"{socket.gethostname().partition('.')[0]}.local"])
def test_the_names_and_addresses_of_the_machine_are_admitted(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", None])
def test_the_live_stream_is_closed_for_another_name(client, origin):
    headers = {"Host": "evil.example"} | ({"Origin": origin} if origin else {})
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(LIVE, headers=headers):
        pass
    assert refused.value.code == 1008


def test_another_site_cannot_claim_the_appliance(client):
    first = {"badge": "evil", "name": "Evil", "pin": "482915"}
    answer = client.post("/api/v1/claim", json=first, headers={"Host": "evil.example", "Origin": "http://evil.example"})
    assert answer.status_code == 421


def test_a_name_of_the_settings_is_admitted(view):
    view.settings = Settings(names=("Sono.lan",), host="tablet.clinic")
    with TestClient(create_app(view, bytes)) as client:
        for host in ("sono.LAN:8042", "tablet.clinic"):
            assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Sono.lan:80", "sono.lan"),
        ("[FE80::1]:1", "fe80::1"),
        ("[::ffff:192.0.2.7]", "192.0.2.7"),
        ("[fe80::1%25eth0]", "fe80::1"),
        ("a b", None),
        ("x:99999999", None),
    ],
)
def test_the_name_in_a_host_header(host, name):
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (None, "127.0.0.1", True),
        ("http://127.0.0.1:8042", "127.0.0.1:8042", True),
        ("https://sono.lan", "sono.lan", True),
        ("http://127.0.0.1:8043", "127.0.0.1:8042", False),
        ("http://[", "127.0.0.1", False),
        ("null", "null", False),
        ("", "", False),
        ("http://", None, False),
    ],
)
def test_a_page_of_another_site(origin, host, same):
    assert same_site(asked(origin, host)) is same


@pytest.mark.parametrize("origin", ["http://[", "http://]", "http://[::1", "http://\x7f", "//", "http://a:b:c"])
def test_an_origin_that_is_no_address_is_refused_without_a_traceback(crew, capfd, origin):
    answer = crew.admin.post("/api/v1/exams", json={}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:sonoedge:foreign-request")
    assert "Traceback" not in capfd.readouterr().err
