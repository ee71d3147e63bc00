"""`sonoedge provision` with a stick: what it shows, what it refuses, and what the stick takes home. Nothing is installed here."""

import json
import re
import shutil
from functools import partial

import pytest

from edge.cli import provision_board
from edge.disk.layout import DataFolder
from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from tests.edge.cli.publisher import BOARD, ISSUED, Publisher


@pytest.fixture(scope="module")
def shop(sonoedge, tmp_path_factory):
    """A publisher with sticks: `two` holds the releases 1 and 2, `old` only 1; `foreign` is of another publisher."""
    publisher = Publisher(sonoedge, tmp_path_factory.mktemp("publisher"))
    for number, name in ((1, "old"), (2, "two")):
        publisher.add(publisher.build(number))
        publisher.publish(publisher.folder / name)
    (publisher.folder / "others").mkdir()
    Publisher(sonoedge, publisher.folder / "others").publish(publisher.folder / "foreign")
    return publisher


@pytest.fixture
def stick(shop, tmp_path):
    """A copy of a stick for one test."""
    return lambda name: shutil.copytree(shop.folder / name, tmp_path / name)


@pytest.fixture
def unset(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge provision` on a board that trusts nobody yet."""
    for name, value in {"DATA_DIR": tmp_path / "data", "PORT": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    return lambda *words, **how: partial(sonoedge, "provision")(*words, "--root", tmp_path / "opt", **how)


@pytest.fixture
def provision(unset, shop):
    """Runs it on a board that trusts the publisher."""
    assert unset("init", "--trusted-root", shop.root).returncode == 0
    return unset


def refused(done, stick, code):
    """A refusal: one line, status 2, and the code on the stick, as a page and for programs."""
    assert (done.returncode, done.stdout) == (2, "")
    *_, written, line = done.stderr.splitlines()
    (folder,) = (stick / "sonoedge/outbox").iterdir()
    assert written == f"result: {folder / 'result.html'}"
    stated = json.loads((folder / "result.json").read_bytes())
    assert (stated["code"], line) == (code, f"sonoedge: {stated['what']}. {stated['next_step']}.")
    assert f"<h1>{code}</h1>" in (folder / "result.html").read_text()
    return stated


def test_what_a_stick_holds(provision, stick):
    two = stick("two")
    rows = provision("stick", "inspect", two).stdout.splitlines()
    assert rows[0].split() == ["release", "number", "issued", "size"]
    assert [row.split()[:3] for row in rows[1:]] == [["1.0.0-2", "2", "2026-11-30"], ["1.0.0-1", "1", "2026-11-30"]]
    listed = json.loads(provision("stick", "inspect", two, "--json").stdout)
    assert [(each["counter"], len(each["sha256"])) for each in listed] == [(2, 64), (1, 64)]
    assert not (two / "sonoedge/outbox").exists()


def test_what_an_update_would_change(provision, stick, tmp_path):
    done = provision("update", "check", stick("two"))
    assert done.returncode == 0, done.stderr
    rows = {re.split(r"  +", row)[0]: re.split(r"  +", row)[1:3] for row in done.stdout.splitlines()}
    assert rows["part"] == ["now", "then"]
    assert rows["program"] == ["unknown", "1.0.0-2"]
    assert {"records", "models", "probe firmware"} <= set(rows)
    assert "Issued 2026-11-30" in done.stdout
    assert "not a diagnosis" in done.stdout
    stated = json.loads(provision("update", "check", tmp_path / "two", "--json").stdout)
    assert stated["release"]["counter"] == 2
    assert stated["changes"][0]["part"] == "program"
    assert not (tmp_path / "opt/slots").exists()


def test_a_person_who_answers_no_changes_nothing(provision, stick, tmp_path):
    done = provision("update", "apply", stick("two"), lines=["n"])
    assert done.returncode == 1
    assert "program" in done.stdout
    assert not (tmp_path / "opt/slots").exists()


VERBS = pytest.mark.parametrize("words", [("update", "check"), ("update", "apply", "--yes")], ids=["check", "apply"])


@VERBS
def test_an_older_stick_than_the_last_one(provision, stick, words):
    assert provision("stick", "inspect", stick("two")).returncode == 0
    old = stick("old")
    stated = refused(provision(*words, old), old, "E-ROLLBACK")
    assert stated["now"] == "The device keeps its present release and goes on working"
    assert re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]", stated["device"])


@VERBS
def test_a_stick_of_other_people(provision, stick, words):
    foreign = stick("foreign")
    refused(provision(*words, foreign), foreign, "E-KEYS")


@VERBS
def test_a_board_that_trusts_nobody_yet(unset, stick, words):
    two = stick("two")
    stated = refused(unset(*words, two), two, "E-NOT-SET-UP")
    assert stated["device"] == ""
    assert (two / "sonoedge/outbox/unknown").exists()


@VERBS
def test_a_stick_that_lost_a_file(provision, stick, words):
    two = stick("two")
    (two / "sonoedge/metadata/timestamp.json").unlink()
    refused(provision(*words, two), two, "E-STICK-UNREADABLE")


def test_a_bundle_that_was_changed_on_the_stick(provision, stick, tmp_path):
    """The list is genuine, the file is not: found while it is copied, before anything is unpacked."""
    two = stick("two")
    path = next(two.rglob("*1.0.0-2*.tar"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    refused(provision("update", "apply", two, "--yes"), two, "E-TAMPER")
    (event,) = json.loads(provision("history", "--json").stdout)
    assert (event["code"], event["release_after"]) == ("E-TAMPER", "1.0.0-2")
    assert not (tmp_path / "opt/slots/a").exists()


@VERBS
def test_a_board_without_room(provision, stick, monkeypatch, words):
    monkeypatch.setattr(RealFiles, "free_bytes", lambda *_: 50_000_000)
    two = stick("two")
    stated = refused(provision(*words, two), two, "E-NO-SPACE")
    assert stated["what"].startswith("50 MB are free, and release 1.0.0-2 needs 100 MB")
    events = json.loads(provision("history", "--json").stdout)
    assert [event["code"] for event in events] == ["E-NO-SPACE"]


def test_a_release_for_other_boards(unset, sonoedge, publisher, tmp_path):
    publisher.run("add", publisher.repository, publisher.build(1, board="armv7l-cp313"))
    publisher.run("sign", publisher.repository, "targets", publisher.keys / "targets-1.pem", publisher.keys / "targets-2.pem")
    publisher.publish(tmp_path / "stick")
    unset("init", "--trusted-root", publisher.root)
    stated = refused(unset("update", "check", tmp_path / "stick"), tmp_path / "stick", "E-WRONG-HW")
    assert f"has files for armv7l-cp313, and none for {BOARD}" in stated["what"]


def test_two_commands_do_not_change_the_slots_at_once(provision, stick, tmp_path):
    two = stick("two")
    board = provision_board.Installed(Place(tmp_path / "opt"), None, DataFolder(tmp_path / "data"))
    with provision_board.changing(board):
        done = provision("update", "apply", two, "--yes")
    assert done.returncode == 2
    assert "another command changes the slots of this board" in done.stderr


@pytest.mark.parametrize("words", [("stick", "inspect"), ("update", "check"), ("update", "apply", "--yes")])
def test_a_folder_that_is_no_stick(provision, tmp_path, words):
    (tmp_path / "empty-folder").mkdir()
    done = provision(*words, tmp_path / "empty-folder")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"sonoedge: {tmp_path / 'empty-folder'} has no folder sonoedge/metadata")


def test_no_stick_is_mounted(provision, monkeypatch, tmp_path):
    monkeypatch.setattr("provisioning.sticks.MOUNTS", tmp_path / "mounts")
    (tmp_path / "mounts").write_text("proc /proc proc rw 0 0\n")
    done = provision("update", "check")
    assert (done.returncode, done.stderr) == (
        2,
        "sonoedge: no mounted stick holds releases. Insert the stick and mount it, or name its folder.\n",
    )


def test_the_one_stick_that_is_mounted_is_found(provision, stick, monkeypatch, tmp_path):
    two = stick("two")
    monkeypatch.setattr("provisioning.sticks.MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr("provisioning.sticks.PLACES", f"{tmp_path}/")
    (tmp_path / "mounts").write_text(f"/dev/sda1 {two} vfat rw 0 0\n")
    assert "1.0.0-2" in provision("stick", "inspect").stdout


def test_a_stick_that_takes_no_writes_is_stated(provision, stick):
    two = stick("two")
    (two / "sonoedge/metadata/timestamp.json").unlink()
    (two / "sonoedge/outbox").write_bytes(b"")
    done = provision("update", "check", two)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"{two} takes no writes: the result is only here"


def test_a_signed_list_raises_the_floor_of_the_clock(provision, stick):
    provision("stick", "inspect", stick("two"))
    stated = json.loads(provision("clock", "show", "--json").stdout)
    assert stated["verdict"] == "CLOCK_GOOD"
    assert stated["floor"] >= ISSUED[:4]
    done = provision("clock", "set", "2020-01-01T00:00Z")
    assert (done.returncode, "the date of what this device already accepted" in done.stderr) == (2, True)
