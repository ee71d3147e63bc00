"""The sender is killed again and again in the middle of its work: the peer has everything, once, and the records state what it has."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from edge.records.outbox.deliveries import Deliveries
from edge.records.outbox.row import DeliveredObjectRow
from edge.records.store import Store
from tests.edge.exchange.outbox.tiny import signed_exams

END_S = 800.0
"""No run lasts longer, whatever happens."""


class Child:
    """One process that forks a sender for each life."""

    def __init__(self, folder, port, objects):
        self._asked = {"folder": str(folder), "port": port, "objects": objects}
        command = [sys.executable, str(Path(__file__).with_name("tiny.py"))]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.pid, self.kills = 0, 0

    def begin(self):
        self._parent.stdin.write((json.dumps({**self._asked, "seed": self.kills}) + "\n").encode())
        self.pid = int(self._line())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.kills += 1
        while self._line() != b"ended\n":
            pass

    def wait_until_idle(self):
        while self._line() != b"idle\n":
            pass

    def _line(self):
        line = self._parent.stdout.readline()
        assert line, "the parent of the senders ended"
        return line

    def close(self):
        self._parent.terminate()
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait()


@pytest.fixture
def children(tmp_path, peer):
    made = []

    def begin(objects):
        made.append(Child(tmp_path / "data", peer.port, objects))
        return made[-1]

    yield begin
    for child in made:
        child.close()


def wait_for(condition, end):
    while not condition():
        assert time.monotonic() < end, "nothing happens any more"
        time.sleep(0.002)


def survive(records, peer, child, size):
    """Queues `exams` of `size`, and kills the sender as many times as it states, each time after some more calls on the peer."""
    exams, objects, kills = size
    chance, end = random.Random(20261130), time.monotonic() + END_S
    signed_exams(records, exams, peers=["pacs"])
    for number in range(1, kills + 1):
        child.begin()
        target = exams * objects * number // (kills + 1)
        wait_for(lambda target=target: len(peer.calls) >= target, end)
        time.sleep(chance.uniform(0, 0.03))
        child.kill()
    child.begin()
    child.wait_until_idle()
    child.kill()


def counts(records, peer, objects):
    """What the peer has and what the records state: both are counted from nothing."""
    found = Deliveries(records).newest(10_000)
    with records.read() as session:
        expected = set(session.scalars(select(DeliveredObjectRow.uid)))
    per_study = {}
    for study, uid in {(study, uid) for (study, _), uid in zip(peer.order, peer.taken, strict=True)}:
        per_study.setdefault(study, set()).add(uid)
    return {
        "exams": len(found),
        "sent": sum(each.state == "sent" and each.taken == each.objects == objects for each in found),
        "objects on the peer": len(peer.held),
        "lost": len(expected - set(peer.held)) + sum(len(uids) < objects for uids in per_study.values()),
        "doubled": len(set(peer.held) - expected) + sum(len(uids) > objects for uids in per_study.values()),
        "calls": len(peer.calls),
        "sent again with the same UID": sum(times - 1 for times in peer.held.values()),
        "tries": sum(each.attempts for each in found),
    }


def check(found, exams, objects, kills):
    assert (found["exams"], found["sent"], found["objects on the peer"]) == (exams, exams, exams * objects)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["sent again with the same UID"] <= kills, "at most the one object whose answer was not recorded"


def test_a_killed_sender_loses_nothing_and_doubles_nothing(tmp_path, peer, children):
    peer.every = 3
    records = Store.open(tmp_path / "data")
    survive(records, peer, children(2), (8, 2, 4))
    check(counts(records, peer, 2), 8, 2, 4)
    records.close()


@pytest.mark.slow
@pytest.mark.powercut
def test_a_thousand_exams_through_a_peer_that_fails_one_call_in_three_while_the_sender_is_killed_fifty_times(
    tmp_path, peer, children, record_property
):
    exams, objects, kills = 1000, 1, 50
    peer.every, begun = 3, time.monotonic()
    records = Store.open(tmp_path / "data")
    survive(records, peer, children(objects), (exams, objects, kills))
    found = counts(records, peer, objects) | {"kills": kills}
    print(f"\n{found}, {time.monotonic() - begun:.0f} s")
    for name, value in found.items():
        record_property(name, value)
    check(found, exams, objects, kills)
    records.close()
