"""Workers whose jobs do as a test says."""

import threading

import pytest

from edge.supervisor.closers import Closers
from edge.supervisor.latch import Latch
from edge.supervisor.supervisor import Supervisor
from edge.supervisor.worker import Restarts, Worker

AT_ONCE = Restarts((0.0,), most=2, within_s=3600)


class Scripted:
    """A job that fails with each of `errors` in turn, one a run, and then works until it is closed."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.runs = 0
        self.works, self.closed = threading.Event(), threading.Event()

    def run(self):
        self.runs += 1
        if self.errors:
            error = self.errors.pop(0)
            if error is None:
                return
            raise error
        self.works.set()
        self.closed.wait(60)

    def close(self):
        self.closed.set()


class House:
    """A supervisor and what it reported."""

    def __init__(self):
        self.closers, self.stopping = Closers(), Latch()
        self.reported = []
        self.supervisor = Supervisor(self.closers, self.stopping, self.report)

    def report(self, outage):
        self.reported.append(outage)

    def start(self, *workers, sides=()):
        self.supervisor.start(None, workers, sides)


@pytest.fixture
def house():
    house = House()
    yield house
    house.closers.close()


@pytest.fixture
def scripted():
    return Scripted


@pytest.fixture
def worker():
    def make(name, job, **others):
        row = {"essential": False, "restarts": AT_ONCE, "silence": f"No {name}.", "stop_s": 60} | others
        return Worker(name, lambda _: job, **row)

    return make
