"""`sonoedge operator`: the same people and the same rules from the shell, whether or not an appliance runs."""

import json
import re
from functools import partial

import pytest

from edge.disk.layout import DataFolder
from edge.people.pin import Argon2Pins, Parameters
from edge.people.pin_tuning import board
from edge.people.policy import load_policy
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store

PIN, OTHER = "482915", "739154"


@pytest.fixture
def operator(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge operator` on a data folder whose PINs are hashed fast."""
    DataFolder(tmp_path).pin_hash.write_text(json.dumps({"passes": 1, "memory_kib": 8, "board": board()}))
    settings = tmp_path / "settings.toml"
    settings.write_text(f'data_dir = "{tmp_path}"\n')
    monkeypatch.setenv("SONOEDGE_SETTINGS", str(settings))
    return partial(sonoedge, "operator")


@pytest.fixture
def claimed(operator):
    done = operator("claim", "boss", "Boss", lines=[PIN])
    assert (done.returncode, done.stdout) == (0, "Boss (boss) is the administrator of this appliance\n"), done.stderr
    return operator


def test_an_appliance_is_claimed_once_and_people_are_enrolled_given_roles_and_retired(claimed):
    refused = claimed("claim", "me", "Me", lines=[PIN])
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has an administrator already" in refused.stderr
    assert claimed("add", "n-1", "አልማዝ በቀለ", "--as", "boss", lines=[PIN, OTHER]).returncode == 0
    assert "scan (blue-6)" in claimed("grant", "n-1", "scan", "--protocol", "blue-6", "--as", "boss", lines=[PIN]).stdout
    listed = json.loads(claimed("list", "--json", "--as", "boss", lines=[PIN]).stdout)
    assert [(each["badge"], [g["role"] for g in each["grants"]]) for each in listed] == [("n-1", ["scan"]), ("boss", ["admin"])]
    assert claimed("revoke", "n-1", "scan", "--protocol", "blue-6", "--as", "boss", lines=[PIN]).returncode == 0
    assert claimed("retire", "n-1", "--as", "boss", lines=[PIN]).returncode == 0
    assert "retired" in claimed("list", "--as", "boss", lines=[PIN]).stdout
    last = claimed("retire", "boss", "--as", "boss", lines=[PIN])
    assert (last.returncode, "last administrator" in last.stderr) == (2, True)


def test_the_code_for_the_page_is_shown_until_there_is_an_administrator(operator):
    shown = operator("code")
    assert (shown.returncode, bool(re.fullmatch(r"(\w{4}-){2}\w{4}\n", shown.stdout))) == (0, True), shown.stderr
    assert operator("code").stdout == shown.stdout
    operator("claim", "boss", "Boss", lines=[PIN])
    refused = operator("code")
    assert (refused.returncode, refused.stdout, "has an administrator" in refused.stderr) == (2, "", True)


def test_the_same_permission_table_applies_at_the_shell(claimed):
    claimed("add", "n-1", "N", "--as", "boss", lines=[PIN, OTHER])
    for command in (["add", "n-2", "X"], ["grant", "n-1", "admin"], ["retire", "boss"], ["unlock", "boss"], ["list"], ["show", "boss"]):
        refused = claimed(*command, "--as", "n-1", lines=[OTHER, PIN])
        assert (refused.returncode, refused.stdout) == (2, ""), command
        assert "N (n-1) is not allowed to" in refused.stderr
    own = json.loads(claimed("show", "n-1", "--json", "--as", "n-1", lines=[OTHER]).stdout)
    assert (own["badge"], own["standings"]) == ("n-1", [])
    assert claimed("pin", "n-1", "--as", "n-1", lines=[OTHER, "908172"]).returncode == 0
    assert claimed("show", "n-1", "--as", "n-1", lines=[OTHER]).returncode == 2


def test_a_credential_is_recorded_and_the_missing_ones_are_shown(claimed):
    claimed("add", "n-1", "N", "--as", "boss", lines=[PIN, OTHER])
    items = ["--item", "depth=5", "--item", "pleura=4", "--version", "web-2024"]
    assert claimed("credential", "n-1", "assessment", "--protocol", "blue-6", *items, "--as", "boss", lines=[PIN]).returncode == 0
    shown = claimed("show", "n-1", "--as", "boss", lines=[PIN]).stdout
    assert "not qualified: new exams are preliminary" in shown
    assert "0 of 25 supervised exams" in shown
    for wrong in (["--item", "depth"], ["--item", "depth=9", "--version", "1"]):
        refused = claimed("credential", "n-1", "assessment", "--protocol", "blue-6", *wrong, "--as", "boss", lines=[PIN])
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)


def test_wrong_pins_at_the_shell_count_like_those_on_the_page_and_the_board_unlocks(claimed, tmp_path):
    for _ in range(5):
        assert "name or the PIN is wrong" in claimed("list", "--as", "boss", lines=["111213"]).stderr
    waiting = claimed("list", "--as", "boss", lines=[PIN])
    assert (waiting.returncode, "Wait" in waiting.stderr) == (2, True)
    assert claimed("unlock", "boss", "--board").returncode == 0
    assert claimed("list", "--as", "boss", lines=[PIN]).returncode == 0
    store = Store.open(tmp_path)
    trail = [(stored.entry.act, stored.entry.actor) for stored in AuditTrail(store).newest(50)]
    store.close()
    assert ("operator.unlocked", "the board's shell") in trail
    assert ("notice.made", "appliance") in trail
    assert PIN not in str(trail)


def test_a_command_without_an_operator_is_refused(claimed):
    refused = claimed("list")
    assert (refused.returncode, "--as BADGE" in refused.stderr) == (2, True)


def test_a_pin_that_was_hashed_on_another_board_is_hashed_again(claimed, tmp_path):
    DataFolder(tmp_path).pin_hash.write_text(json.dumps({"passes": 2, "memory_kib": 16, "board": board()}))
    assert claimed("list", "--as", "boss", lines=[PIN]).returncode == 0
    store = Store.open(tmp_path)
    from edge.records.people.operators import Operators

    stored = Operators(store).with_badge("boss").pin_hash
    store.close()
    assert not Argon2Pins(lambda: Parameters(2, 16)).outdated(stored)


def test_a_policy_that_cannot_be_used_is_reported(claimed, tmp_path):
    (tmp_path / "people.yaml").write_text("over_reed_share: 1\n")
    refused = claimed("list", "--as", "boss", lines=[PIN])
    assert (refused.returncode, "over_read_share" in refused.stderr) == (2, True)
    (tmp_path / "people.yaml").write_text("over_read_share: 1\n")
    assert load_policy(tmp_path).over_read_share == 1
