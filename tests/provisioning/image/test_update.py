"""An image is set up and updated from a stick, and its power is cut in the middle. The steps are in the order in which they happen."""

import json
import re

import pytest

pytestmark = [pytest.mark.image, pytest.mark.peers, pytest.mark.slow, pytest.mark.timeout(7200)]

AS_USER = "setpriv --reuid=sonoedge --regid=sonoedge --init-groups env HOME=/var/lib/sonoedge"
STICK = "/media/stick"
DROP_INS = "/etc/systemd/system/sonoedge-init.service.d"
HALF = "/opt/sonoedge/slots/b/lib/python3*/site-packages/numpy"
"""There while the packages of the new release are being installed."""
APPLY_LIMIT_S = 1800


def answered(machine, command, limit_s=APPLY_LIMIT_S):
    status, printed = machine.shell(f"{command} 2>/run/why", limit_s)
    assert status == 0, printed + machine.shell("cat /run/why")[1]
    return printed


def stated(machine, *words):
    """The JSON that a command prints."""
    printed = answered(machine, f"sonoedge provision {' '.join(words)} --json")
    return json.loads(re.search(r"^[{\[].*[}\]]", printed, re.DOTALL | re.MULTILINE).group(0))


def codes(machine):
    return [event["code"] for event in stated(machine, "history")]


@pytest.fixture(scope="module")
def board(machine, stick):
    machine.stick = stick
    machine.power_on()
    machine.ready()
    return machine


def test_1_it_has_an_identity_before_anybody_touches_it(board):
    assert re.fullmatch(r"(\w{4}-){3}\w", stated(board, "status")["device"])


def test_2_it_mounts_the_stick_by_itself_and_nothing_on_it_can_be_started(board):
    answered(board, f"until mountpoint -q {STICK}; do sleep 1; done", 120)
    options = set(answered(board, f"findmnt --noheadings --output OPTIONS {STICK}").strip().split(","))
    assert {"nosuid", "nodev", "noexec"} <= options


def test_3_it_passes_its_self_test(board, capfd):
    report = json.loads(re.search(r"^\{.*\}", answered(board, f"{AS_USER} sonoedge provision selftest --json"), re.MULTILINE).group(0))
    states = {each["name"]: each["state"] for each in report["results"]}
    assert report["verdict"] != "fail"
    assert {states[name] for name in ("packages", "appliance", "records and audit trail", "golden vectors", "encryption")} == {"pass"}
    with capfd.disabled():
        print(f"\nself-test: {report['verdict']}; not tested: {', '.join(name for name, state in states.items() if state == 'not tested')}")


def test_4_the_policy_on_the_stick_opens_the_network_and_the_stick_states_how_to_begin(board):
    trust(board)
    answered(board, "systemctl restart sonoedge-stick")
    board.ready()
    address = stated(board, "site", "show")["address"]
    result = answered(board, f"cat {STICK}/sonoedge/outbox/*/result.json")
    assert address in result
    assert "one-time code" in result
    answered(board, "until grep -q ':20FB 00000000:0000 0A' /proc/net/tcp; do sleep 1; done", 300)
    assert answered(board, "systemctl is-active systemd-networkd").strip() == "active"
    assert f"https://{answered(board, 'hostname').strip()}.local:8443/" == address


def trust(board):
    """What an image that is built with a trusted root does at its first start."""
    answered(board, f"cp {STICK}/root.json /run/root.json && mkdir -p {DROP_INS}")
    answered(board, f"printf '[Service]\\nEnvironment=TRUSTED=--trusted-root=/run/root.json\\n' >{DROP_INS}/trusted.conf")
    answered(board, "systemctl daemon-reload && systemctl start sonoedge-init")


def test_5_cut_in_the_middle_of_an_update_it_starts_the_release_that_ran(board):
    status, _ = board.shell(f"(sonoedge provision update apply --yes >/dev/null 2>&1 &); until ls -d {HALF} 2>/dev/null; do sleep 1; done")
    assert status == 0
    board.cut_power()
    board.power_on()
    board.ready()
    found = stated(board, "status")
    assert (found["active"], found["trial"], found["runs"]) == ("a", "", "a")
    assert list(found["slots"]) == ["a"]


def test_6_applied_again_it_is_tried_and_confirmed_by_itself(board):
    answered(board, f"until mountpoint -q {STICK}; do sleep 1; done", 120)
    answered(board, "sonoedge provision update apply --yes")
    answered(board, "systemctl restart sonoedge")
    board.ready()
    board.shell("while systemctl is-active sonoedge-gate | grep -q activating; do sleep 1; done")
    found = stated(board, "status")
    assert (found["active"], found["trial"], found["counter"]) == ("b", "", 1)
    assert codes(board)[-2:] == ["OK-ARMED", "OK-CONFIRMED"]
    assert '"code": "OK-ARMED"' in answered(board, f"cat {STICK}/sonoedge/outbox/*/result.json")


def test_7_the_history_is_in_the_audit_trail(board):
    answered(board, "systemctl restart sonoedge")
    board.ready()
    listed = answered(board, f"sleep 70; {AS_USER} sonoedge audit list --json")
    assert "slot.event" in listed
    assert '"whole": true' in answered(board, f"{AS_USER} sonoedge audit verify --json")


def test_8_and_back_by_hand(board):
    answered(board, "sonoedge provision rollback --why 'the page is slow'")
    answered(board, "systemctl restart sonoedge")
    board.ready()
    board.shell("while systemctl is-active sonoedge-gate | grep -q activating; do sleep 1; done")
    assert stated(board, "status")["active"] == "a"
    assert codes(board)[-2:] == ["OK-ROLLBACK-ASKED", "OK-CONFIRMED"]
