"""Whether the tablets of a site find the board: its name in the network, and the port that serves them."""

import socket
from datetime import datetime, timezone
from pathlib import Path

import pytest

from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import make_device
from provisioning.selftest.board import Board
from provisioning.selftest.check import State
from provisioning.selftest.checks.tablets import listens, tablets
from provisioning.site.policy import Policy

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
SERVED = HEAD + "   0: 0100007F:1F6A 00000000:0000 0A 00000000:00000000\n   1: 00000000:20FB 00000000:0000 0A 00000000:00000000\n"
ASKED = HEAD + "   0: 0100007F:20FB 0100007F:A2C4 01 00000000:00000000\n"
"""A connection to a port of this number is no service on it."""


@pytest.fixture
def board(tmp_path):
    """A board of a site, whose kernel shows a host name and sockets."""

    def make(name="", sockets=SERVED, networks=("192.168.4.0/22",)):
        root, place = tmp_path / "root", Place(tmp_path / "opt")
        device = make_device(tmp_path / "data" / "identity")
        for file, content in {"proc/sys/kernel/hostname": name or device.id.lower(), "proc/net/tcp": sockets}.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(content)
        place.root.mkdir(exist_ok=True)
        policy = Policy(site="korle-bu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), networks=networks)
        place.site.write_text(policy.model_dump_json())
        return Board(tmp_path / "data", datetime(2026, 11, 1, tzinfo=timezone.utc), root, place=place)

    return make


def test_a_board_that_tablets_find_passes(board):
    answer = tablets(board())
    assert answer.state is State.PASSED
    assert "192.168.4.0/22" in answer.detail
    assert ":8443/" in answer.detail


def test_another_host_name_is_stated_with_the_command_that_sets_it(board):
    answer = tablets(board(name="raspberrypi"))
    assert answer.state is State.WATCH
    assert "announces raspberrypi.local" in answer.detail
    assert answer.next_step.startswith("Set the host name: sudo hostnamectl set-hostname ")
    assert not answer.next_step.endswith(".local")


@pytest.mark.parametrize("sockets", [HEAD, ASKED, ""])
def test_a_port_that_nothing_serves_is_stated(board, sockets):
    answer = tablets(board(sockets=sockets))
    assert (answer.state, "nothing serves tablets on port 8443" in answer.detail) == (State.WATCH, True)
    assert "restart sonoedge" in answer.next_step


def test_a_board_without_a_site_is_not_tested(board):
    alone = board()
    alone.place.site.unlink()
    assert tablets(alone).state is State.NOT_TESTED
    assert tablets(board(networks=())).state is State.NOT_TESTED
    assert tablets(Board(alone.data, alone.floor, alone.root)).state is State.NOT_TESTED


def test_a_damaged_policy_is_a_refusal(board):
    damaged = board()
    damaged.place.site.write_text("{")
    with pytest.raises(ProvisionRefused):
        tablets(damaged)


def test_the_kernel_of_this_machine_shows_a_port_that_is_served():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert listens(Path("/proc/net/tcp").read_text(), port)
    assert not listens(Path("/proc/net/tcp").read_text(), port)
