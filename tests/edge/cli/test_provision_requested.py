"""What the page asked for, done as systemd starts it: by the real command, on a real board folder."""

import json
import subprocess
import sys
from datetime import datetime, timezone

import pytest

from edge.disk.layout import DataFolder
from provisioning import request
from provisioning.boot.files import RealFiles, make_folders
from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark
from provisioning.request import Answer, Request, Wish

NOW = datetime(2026, 11, 30, tzinfo=timezone.utc)


@pytest.fixture
def board(tmp_path, monkeypatch):
    """Release 2 is active, release 1 the previous one; the data folder is there."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    place = Place(tmp_path / "opt")
    (tmp_path / "data").mkdir()
    selector = Selector(RealFiles(), place, NOW.isoformat)
    for counter in (1, 2):
        slot = selector.prepare()
        make_folders(RealFiles(), place.slot(slot) / "bin")
        for name in ("python3", "sonoedge"):
            (place.slot(slot) / "bin" / name).write_text("")
        selector.adopt(slot, Mark(f"{counter}.0", counter))
    return place


def do(board, wish=None, content=None):
    """The exit status, the error, and the answer that the page reads."""
    asked = DataFolder(board.root.parent / "data").provision_request
    if wish is not None:
        request.leave(asked, Request(wish=wish, by="Sara", at=NOW))
    elif content is not None:
        asked.write_bytes(content)
    command = (sys.executable, "-m", "edge.cli", "provision", "requested", "--root", str(board.root))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not asked.exists()
    return done, request.read(board.answer, Answer)


def test_a_rollback_is_done_in_the_name_of_nobody_but_the_page_and_answered(board):
    done, answer = do(board, Wish.ROLLBACK)
    assert done.returncode == 0, done.stderr
    assert (answer.code, answer.by) == ("OK-ROLLBACK-ASKED", "Sara")
    assert answer.next_step
    record = Selector(RealFiles(), board, NOW.isoformat).load()
    assert (record.trial, record.active) == ("a", "b")


@pytest.mark.parametrize("wish", [Wish.CHECK, Wish.APPLY])
def test_without_a_stick_the_answer_states_it(board, wish):
    done, answer = do(board, wish)
    assert done.returncode == 0, done.stderr
    assert answer.code == "E-NO-STICK"
    assert "stick" in answer.text
    assert answer.next_step


def test_what_is_refused_changes_nothing_and_is_answered(board):
    do(board, Wish.ROLLBACK)
    Selector(RealFiles(), board, NOW.isoformat).fail("tried")
    _, answer = do(board, Wish.ROLLBACK)
    assert answer.code == "E-NO-PREVIOUS"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", json.dumps({"wish": "rm -rf", "by": "x", "at": NOW.isoformat()}).encode(), b"[]" * 50_000]
)
def test_a_request_that_this_program_does_not_know_is_removed_and_does_nothing(board, content):
    before = board.records[0].read_bytes()
    done, answer = do(board, content=content)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert answer is None
    assert board.records[0].read_bytes() == before


def test_a_planted_link_is_not_followed(board, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(Request(wish=Wish.ROLLBACK, by="x", at=NOW).model_dump_json())
    DataFolder(tmp_path / "data").provision_request.symlink_to(secret)
    done, _ = do(board)
    assert done.returncode == 2
    assert secret.exists()
