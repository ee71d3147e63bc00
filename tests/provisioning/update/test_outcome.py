"""The result that a stick takes home."""

import json
from dataclasses import asdict
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edge.notice import NOTICE
from provisioning.codes import CAUSES
from provisioning.update.outcome import Outcome, leave

AT = datetime(2026, 11, 30, 9, 5, 7, 123, tzinfo=timezone.utc)


def outcome(what="the stick is older than the device", device="ABCD-EFGH-IJKL-M", **more):
    return Outcome.of("E-ROLLBACK", what, device, AT, **more)


class Shown(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page.decode())

    def handle_starttag(self, tag, _):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_the_page_and_the_json_state_the_same(tmp_path):
    folder = leave(outcome(), tmp_path)
    assert folder == tmp_path / "sonoedge/outbox/ABCD-EFGH-IJKL-M"
    assert json.loads((folder / "result.json").read_bytes()) == asdict(outcome())
    text = Shown((folder / "result.html").read_bytes()).text
    cause = CAUSES["E-ROLLBACK"]
    for part in ("E-ROLLBACK", "the stick is older", cause.now, cause.next_step, "ABCD-EFGH-IJKL-M", "2026-11-30T09:05:07+00:00", NOTICE):
        assert part in text


def test_the_next_step_of_the_refusal_replaces_the_one_of_the_table():
    assert "Look at slot b" in Shown(outcome(next_step="Look at slot b").page()).text


def test_markup_in_a_text_is_text():
    """The name of a file on a stick is written by other people."""
    what = "<script>alert(1)</script> & 'x' \" {now}"
    shown = Shown(outcome(what).page())
    assert what in shown.text
    assert shown.tags == Shown(outcome().page()).tags


@pytest.mark.parametrize("code", CAUSES)
def test_every_code_has_a_page(code):
    shown = Shown(Outcome.of(code, "what", "", AT).page()).text
    assert CAUSES[code].next_step in shown


def test_a_newer_result_replaces_the_older_one_and_no_other(tmp_path):
    leave(outcome(device="OTHER"), tmp_path)
    leave(outcome("the first"), tmp_path)
    folder = leave(outcome("the second"), tmp_path)
    assert b"the second" in (folder / "result.html").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["result.html", "result.json"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["ABCD-EFGH-IJKL-M", "OTHER"]


def test_a_board_without_an_identity(tmp_path):
    assert leave(outcome(device=""), tmp_path) == tmp_path / "sonoedge/outbox/unknown"


def test_a_stick_that_takes_no_writes(tmp_path):
    """A file has the name of the folder, as on a damaged stick; root can write where others cannot."""
    (tmp_path / "sonoedge").mkdir()
    (tmp_path / "sonoedge/outbox").write_bytes(b"")
    assert leave(outcome(), tmp_path) is None


def test_a_stick_that_is_gone():
    assert leave(outcome(), Path("/proc/self/stick")) is None


@pytest.mark.parametrize("name", ["sonoedge", "sonoedge/outbox", "sonoedge/outbox/ABCD-EFGH-IJKL-M"])
def test_a_planted_link_is_not_followed(tmp_path, name):
    stick, board = tmp_path / "stick", tmp_path / "board"
    board.mkdir()
    (stick / name).parent.mkdir(parents=True)
    (stick / name).symlink_to(board)
    assert leave(outcome(), stick) is None
    assert list(board.iterdir()) == []


@pytest.mark.parametrize("name", ["result.html", "result.html.new", "result.json", "result.json.new"])
def test_a_planted_link_in_the_place_of_a_file_is_not_followed(tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    folder = tmp_path / "stick/sonoedge/outbox/ABCD-EFGH-IJKL-M"
    folder.mkdir(parents=True)
    (folder / name).symlink_to(secret)
    leave(outcome(), tmp_path / "stick")
    assert secret.read_bytes() == b"secret"
