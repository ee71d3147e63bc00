"""A service that takes exams, with records on a disk and a probe that a test answers for."""

import json
from dataclasses import replace

import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.errors import ProbeSilent
from firmware_bridge.sources.base import Origin, SourceInfo


class Probe:
    """A probe that is asked to be set."""

    def __init__(self, answer):
        self.asked = []
        self._answer = answer

    def push(self, wanted):
        self.asked.append(wanted)
        return self._answer(wanted)


def obeys(wanted):
    return replace(wanted, preset="lung")


@pytest.fixture(scope="session")
def refuses():
    """The answer of a probe that does not let itself be set."""

    def answer(wanted):
        raise ProbeSilent("it does not answer", "Restart it")

    return answer


@pytest.fixture
def desk_of(tmp_path, store):
    made = []

    def make(answer=obeys, protocol="blue-6", catalogue=None):
        probe = Probe(answer)
        around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), probe.push)
        stored = StoredExams(store, tmp_path / "exams")
        desk = ExamService(ExamBook(stored), stored, catalogue or load_catalogue(), protocol, around)
        made.append(desk)
        return desk, probe

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def record_of(tmp_path):
    """The folder of the only exam, and the content of its exam.json."""

    def read():
        (path,) = (tmp_path / "exams").glob("*/exam.json")
        return path.parent, json.loads(path.read_text())

    return read
