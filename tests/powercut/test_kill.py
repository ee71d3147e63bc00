"""The writer is killed at a hundred random moments: every acknowledged write is stored."""

import random
import time

import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.records.exams.reconcile import reconcile
from edge.records.opening import open_records
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.sources.base import Origin, SourceInfo

pytestmark = [pytest.mark.powercut, pytest.mark.slow]

KILLS = 100
MOST_WRITES, LATEST_S = 15, 0.03
"""Largest number of writes before the kill, and longest time between the last one and the kill."""


def test_nothing_acknowledged_is_lost_over_a_hundred_kills(tmp_path, writers, account):
    chance = random.Random(20261125)
    for number in range(KILLS):
        writers.begin(tmp_path / "data", number)
        writers.work(chance.randrange(MOST_WRITES), chance.uniform(0, LATEST_S))
        account.acknowledged += writers.kill()
        account.check(tmp_path / "data")
    account.print_result("kills")
    assert account.lost == 0
    assert len(account.acknowledged) > 3 * KILLS


RESUMES, RESUMED_WITHIN_S = 30, 3.0


def resume(folder):
    """Opens the records and the exam as the appliance does at its start."""
    store = open_records(folder)
    reconcile(store, folder)
    around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda wanted: wanted)
    stored = StoredExams(store, folder / "exams")
    return store, ExamService(ExamBook(stored), stored, load_catalogue(), "blue-6", around)


def test_an_open_exam_resumes_after_every_kill(tmp_path, takers):
    chance, took_s = random.Random(20261125), []
    for number in range(RESUMES):
        takers.begin(tmp_path / "data", number)
        takers.work(chance.randrange(1, 8), chance.uniform(0, LATEST_S))
        last = takers.kill()[-1]
        begun = time.monotonic()
        store, desk = resume(tmp_path / "data")
        took_s.append(time.monotonic() - begun)
        status = desk.status
        desk.close()
        store.close()
        assert status.running
        assert status.live.problem is None
        assert status.record.id == last["exam"]
        assert last["version"] <= status.record.version <= last["version"] + 1
        if status.record.version == last["version"]:
            assert sorted(status.exam.zones) == last["closed"]
    print(f"\n{RESUMES} kills in an open exam: resumed {len(took_s)} times, within {max(took_s):.2f} s")
    assert max(took_s) <= RESUMED_WITHIN_S
