"""The checks of the self-test that need the appliance, on a real data folder; each answer of the doctor becomes a state."""

import json
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from edge.health import selftest
from edge.health.doctor import QUESTIONS
from edge.health.finding import Verdict
from edge.health.selftest import ROWS, STATES, appliance_checks
from edge.inference.golden import GoldenTable
from edge.records.notices import Notices
from edge.records.store import Store
from edge.settings import Settings
from provisioning.selftest.check import Level, State, run_checks, verdict

RUNS_ALONE = ("packages", "data folder", "records and audit trail", "backups", "golden vectors", "speed")
"""They need no appliance that runs."""


@pytest.fixture
def settings(tmp_path):
    return {"port": 1, "data_dir": tmp_path / "data", "threads": 1}


def results(settings, level=Level.FIELD, only=None):
    checks = [check for check in appliance_checks(Settings(**settings)) if only is None or check.name in only]
    return {result.name: result for result in run_checks(checks, level)}


def only(name, settings, level=Level.FIELD):
    return results(settings, level, (name,))[name]


def test_a_data_folder_with_records_passes(settings):
    with closing(Store.open(settings["data_dir"])) as store:
        Notices(store).add("a", "what", "fix")
    found = results(settings, only=RUNS_ALONE)
    assert list(found) == list(RUNS_ALONE)
    states = {name: result.state for name, result in found.items()}
    assert states.pop("backups") is State.WATCH
    assert states.pop("speed") in {State.PASSED, State.WATCH}
    assert set(states.values()) == {State.PASSED}, found
    assert "golden vectors of lung" in found["golden vectors"].detail
    assert "bit for bit" in found["golden vectors"].detail
    assert [measure.name for measure in found["speed"].measures] == ["reading"]


def test_damaged_records_fail(settings):
    with closing(Store.open(settings["data_dir"])) as store:
        Notices(store).add("a", "what", "fix")
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("DROP TABLE notice")
    found = only("records and audit trail", settings, Level.GATE)
    assert (found.state, found.essential) == (State.FAILED, True)
    assert found.next_step


def test_a_data_folder_that_is_a_file_fails(settings, tmp_path):
    (tmp_path / "file").write_text("")
    assert only("data folder", settings | {"data_dir": tmp_path / "file" / "data"}).state is State.FAILED


@pytest.fixture
def release(candidate, tmp_path):
    return candidate(tmp_path / "release")


def stated_by(release, steps, *, elsewhere):
    """Lets the golden vectors of a release state answers that differ by `steps` of int8, `elsewhere`: on another kind of machine only."""
    table = GoldenTable.load(release / "golden.npz")
    outputs = {
        name: tuple(np.clip(each + np.int16(steps), -128, 127).astype(np.int8) for each in table.outputs[name]) for name in table.outputs
    }
    answers = {f"elsewhere {name}": each for name, each in outputs.items()} if elsewhere else outputs
    replace(table, outputs=answers).save(release / "golden.npz")


@pytest.mark.parametrize(
    ("steps", "elsewhere", "state", "detail"),
    [
        (1, False, State.FAILED, "gives another output"),
        (1, True, State.WATCH, "within 1 steps of int8"),
        (60, True, State.FAILED, "gives another output"),
    ],
)
def test_other_answers_to_the_golden_vectors(settings, release, seal, *, steps, elsewhere, state, detail):
    """A board that was never measured may round otherwise; any other must give the very answers of the release."""
    stated_by(release, steps, elsewhere=elsewhere)
    found = only("golden vectors", settings | {"model": seal(release)}, Level.GATE)
    assert (found.state, found.essential) == (state, True)
    assert detail in found.detail


def test_a_damaged_golden_vector_fails(settings, release):
    path = release / "golden.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    found = only("golden vectors", settings | {"model": release})
    assert found.state is State.FAILED
    assert "is not the file that was released" in found.detail


def test_a_missing_model_fails(settings, tmp_path):
    assert only("speed", settings | {"model": tmp_path / "none"}).state is State.FAILED


@contextmanager
def appliance(status, content):
    """Something that answers on the port of the appliance."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("level", Level)
def test_nothing_answers(settings, level):
    """After an update that decides; on a visit it is only stated: the appliance may be stopped on purpose."""
    found = only("appliance", settings, level)
    assert (found.state, found.essential) == (State.FAILED, level is Level.GATE)
    assert "nothing answers on 127.0.0.1:1" in found.detail
    assert "systemctl start sonoedge" in found.next_step


def test_an_appliance_that_answers(settings):
    with appliance(200, b"{}") as port:
        assert only("appliance", settings | {"port": port}, Level.GATE).state is State.PASSED


def test_an_appliance_that_is_not_ready_states_why(settings):
    problem = json.dumps({"detail": "the records cannot be opened", "fix": "Run sonoedge backup restore"}).encode()
    with appliance(503, problem) as port:
        found = only("appliance", settings | {"port": port}, Level.GATE)
    assert found.state is State.FAILED
    assert "the records cannot be opened" in found.detail
    assert found.next_step == "Run sonoedge backup restore"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"detail": 1}'])
def test_another_program_on_the_port_fails(settings, content):
    with appliance(503, content) as port:
        assert only("appliance", settings | {"port": port}, Level.GATE).state is State.FAILED


@pytest.mark.parametrize("stated", Verdict)
def test_each_verdict_of_the_doctor_is_a_state(settings, monkeypatch, stated):
    monkeypatch.setitem(QUESTIONS, "backups", lambda _: (stated, "what was found", "what to do"))
    found = only("backups", settings)
    assert found.state is STATES[stated]
    assert (found.detail, found.next_step) == ("what was found", "what to do")
    passes = verdict([found]) in {State.PASSED, State.WATCH}
    assert passes is (stated in {Verdict.OK, Verdict.ATTENTION})


def test_each_question_that_is_asked_exists():
    names = [name for name, *_ in ROWS]
    assert len(set(names)) == len(names)
    assert {name for name, *_ in ROWS if name in QUESTIONS} == {"packages", "data folder", "backups", "serial ports", "accelerator"}


def test_a_browser_is_essential_nowhere_and_tested_before_a_hand_over_only():
    levels = {name: (runs, essential) for name, _, runs, essential in ROWS}
    assert levels["page in a browser"] == (frozenset({Level.FACTORY}), frozenset())


class Browser:
    """A browser that shows `page`, as a program on the path."""

    def __init__(self, folder, page):
        path = folder / "chromium"
        path.write_text(f"#!/bin/sh\necho '{page}'\n")
        path.chmod(0o755)


@pytest.mark.parametrize(("page", "state"), [("Research use, not a diagnosis.", State.PASSED), ("blank", State.FAILED)])
def test_a_page_in_a_browser(settings, tmp_path, monkeypatch, page, state):
    Browser(tmp_path, page)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with appliance(200, b"{}") as port:
        assert only("page in a browser", settings | {"port": port}, Level.FACTORY).state is state
    assert only("page in a browser", settings, Level.FACTORY).state is State.NOT_TESTED


def test_a_board_without_a_browser_is_not_tested(settings, monkeypatch):
    monkeypatch.setattr(selftest, "BROWSERS", ("no-such-browser",))
    assert only("page in a browser", settings, Level.FACTORY).state is State.NOT_TESTED
