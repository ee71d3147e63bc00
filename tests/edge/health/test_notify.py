"""The messages to systemd, on a real datagram socket."""

import socket

import pytest

from edge.health.notify import ALIVE, READY, Watchdog, notify


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    address = str(tmp_path / "notify") if request.param == "path" else f"@sonoedge-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0"))
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listener


def test_a_state_is_one_datagram(manager):
    notify(READY)
    assert manager.recv(100) == b"READY=1"


def test_without_a_manager_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify(READY)


def test_the_watchdog_is_fed_at_half_its_interval(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "3600000000")
    watchdog = Watchdog()
    for _ in range(5):
        watchdog.beat()
    assert manager.recv(100) == ALIVE.encode()
    with pytest.raises(BlockingIOError):
        manager.recv(100)
    monkeypatch.setenv("WATCHDOG_USEC", "2")
    quick = Watchdog()
    quick.beat()
    quick.beat()
    assert [manager.recv(100), manager.recv(100)] == [ALIVE.encode()] * 2


def test_without_an_interval_the_watchdog_is_never_fed(manager, monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    Watchdog().beat()
    with pytest.raises(BlockingIOError):
        manager.recv(100)
