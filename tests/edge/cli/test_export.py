"""`sonoedge export` as a technician and a receiver use it: from the keys to the reviews that come back."""

import json
from contextlib import closing

import pytest
from typer.testing import CliRunner

from edge.cli.export import app
from edge.records.exams.reviews import Reviews
from edge.records.store import Store
from tests.edge.exchange.conftest import KEYS, Ward


def run(*words):
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture
def ward(tmp_path, monkeypatch):
    """The records of this board, with one signed exam."""
    (tmp_path / "settings.toml").write_text("")
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SONOEDGE_SETTINGS", str(tmp_path / "settings.toml"))
    made = Ward(tmp_path / "data")
    made.store.close()
    return made


@pytest.mark.slow
def test_exams_leave_on_a_stick_are_opened_read_and_their_reviews_come_back(ward, tmp_path, other_disk):
    stick, keys = other_disk(tmp_path / "stick"), tmp_path / "keys"
    keys.mkdir()
    made = run("key", "new", "gondar-radiology", keys)
    assert made.exit_code == 0, made.output
    shown = json.loads(run("key", "show", keys / "gondar-radiology.receiver.json", "--json").stdout)
    assert shown["fingerprint"] in made.stdout

    written = run("stick", stick, "--to", keys / "gondar-radiology.receiver.json", ward.exam_id[-12:], "--json")
    facts = json.loads(written.stdout)
    assert written.exit_code == bool(facts["missing"])
    assert (facts["written"], facts["there"], facts["fingerprint"]) == ([ward.exam_id], [], shown["fingerprint"])
    again = run("stick", stick, "--to", keys / "gondar-radiology.receiver.json")
    assert "0 exams written, 1 were there already" in again.stdout
    assert "not a diagnosis" in again.stdout

    board = next(line for line in (stick / facts["bundle"] / "READ-ME.txt").read_text().splitlines() if "--board" in line).split()[-1]
    opened = run("open", stick, tmp_path / "opened", "--key", keys / "gondar-radiology.age", "--board", board.lower())
    assert "1 exams of" in opened.stdout, opened.output
    (folder,) = (tmp_path / "opened").iterdir()
    exam = json.loads((folder / "exam.json").read_text())

    zones = {clip["zone"] for clip in exam["clips"] if clip["superseded_at"] is None}
    answer = {zone: {"findings": dict.fromkeys(KEYS, "absent"), "score": 0} for zone in zones}
    quality = {"scale": "lung-5", "version": "1.0.0", "value": 4}
    review = {"exam": exam["id"], "reader": "Dr. Almaz", "read_at": "2026-11-30T10:00:00Z", "answer": {"zones": answer, "quality": quality}}
    (tmp_path / "reviews.json").write_text(json.dumps({"reviews": [review]}))
    signed = run("sign", tmp_path / "reviews.json", keys / "gondar-radiology.pem", stick)
    assert signed.exit_code == 0, signed.output
    received = run("receive", stick)
    assert (received.exit_code, received.stdout) == (0, "1 reviews added, 0 were recorded already, 0 refused\n")
    with closing(Store.open(tmp_path / "data")) as store:
        assert [each.reviewer.split(" (")[0] for each in Reviews(store).of_exam(exam["id"])] == ["Dr. Reader", "Dr. Almaz"]


def test_a_key_that_is_none_and_a_folder_on_this_disk_are_refused(ward, tmp_path):
    (tmp_path / "key").write_text("x")
    refused = run("stick", tmp_path / "stick", "--to", tmp_path / "key")
    assert "is not the public key of a receiver" in str(refused.exception)
    run("key", "new", "x", tmp_path)
    refused = run("stick", tmp_path / "stick", "--to", tmp_path / "x.receiver.json")
    assert "same disk as the records" in str(refused.exception)
    assert not (tmp_path / "stick").exists()


def test_what_is_no_id_of_a_board_is_refused(tmp_path):
    run("key", "new", "x", tmp_path)
    refused = run("open", tmp_path, tmp_path / "opened", "--key", tmp_path / "x.age", "--board", "0")
    assert str(refused.exception).strip()
    refused = run("sign", tmp_path / "absent.json", tmp_path / "x.age", tmp_path)
    assert "Give the file NAME.pem" in str(refused.exception)
