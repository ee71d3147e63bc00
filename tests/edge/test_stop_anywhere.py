"""A stop at any moment of start and run ends it, leaves nothing behind, and leaves records that verify.

The moments are random, from a seed. Half of the stops come from a signal handler in the thread that starts, half from another thread.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest

from edge.appliance import Appliance
from edge.inference.release import BUILT_IN
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.audit.trail import AuditTrail
from edge.records.opening import open_records
from edge.settings import Settings
from edge.supervisor.latch import Latch

CHEST = "virtual://chest?size=64&rendered=2&fps=20"
ENDS_WITHIN_S = 5.0
RUNS_S = 0.4
"""An appliance can run this long after its start before it is stopped."""


class Site:
    """One data folder, in which an appliance is started and stopped again and again."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = Settings(source=CHEST, port=0, data_dir=folder, threads=1, model=BUILT_IN / "lung-s", record=True)
        self.start_s = self._start_s()
        self.threads, self.descriptors = set(threading.enumerate()), descriptors()

    def _start_s(self):
        """The time of one start on this machine. It also loads what each process loads once."""
        begun = time.monotonic()
        appliance = Appliance(self.settings)
        appliance.start()
        took = time.monotonic() - begun
        appliance.exam.begin(ANYONE)
        appliance.join()
        return took

    def run(self, stopping, made):
        made.append(Appliance(self.settings, stopping=stopping))
        with made[0] as appliance:
            if not appliance.wait(0) and not appliance.exam.status.running:
                appliance.exam.begin(ANYONE)
            appliance.wait()


def descriptors():
    """The open files, without the numbers that differ each time."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor of the listing itself
            found.append(str(number.readlink()).split(":")[0])
    return sorted(found)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return Site(tmp_path_factory.mktemp("data"))


def stop_by_signal(site, after_s):
    """Seconds from the signal to the end."""
    stopping, asked = Latch(), []

    def stop(*_):
        asked.append(time.monotonic())
        stopping.set()

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, after_s)
        site.run(stopping, [])
    finally:
        signal.signal(signal.SIGALRM, before)
    return time.monotonic() - asked[0]


def stop_by_thread(site, after_s):
    """Seconds from the stop in another thread to the end. That thread also joins as soon as there is an appliance."""
    stopping, asked, made = Latch(), [], []

    def stop():
        asked.append(time.monotonic())
        stopping.set()
        while not made and starts.is_set():
            time.sleep(0.001)
        for appliance in made:
            appliance.join()

    starts = threading.Event()
    starts.set()
    timer = threading.Timer(after_s, stop)
    timer.start()
    try:
        site.run(stopping, made)
    finally:
        starts.clear()
        timer.join()
    return time.monotonic() - asked[0]


def check_nothing_is_left(site, eventually):
    eventually(lambda: set(threading.enumerate()) <= site.threads, f"threads are left: {threading.enumerate()}")
    eventually(
        lambda: Counter(descriptors()) <= Counter(site.descriptors), f"descriptors are left: {descriptors()}, before {site.descriptors}"
    )
    with closing(open_records(site.folder)) as store:
        assert AuditTrail(store).verify().whole


def busy():
    """How many programs want each core now; at least 1. A stop takes so many times as long."""
    return max(1.0, os.getloadavg()[0] / os.cpu_count())


def stop_at(site, moments, eventually, seed):
    """The seconds that each stop takes on a machine with nothing else to do."""
    chance, took = random.Random(seed), []
    for turn in range(moments):
        stop = (stop_by_signal, stop_by_thread)[turn % 2]
        took.append(stop(site, chance.uniform(0.001, site.start_s + RUNS_S)) / busy())
        check_nothing_is_left(site, eventually)
    return took


def test_a_stop_at_random_moments_leaves_nothing(site, eventually):
    assert len(stop_at(site, 4, eventually, seed=1)) == 4


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_stop_at_200_random_moments_ends_within_five_seconds_and_leaves_nothing(site, eventually, capsys):
    took = sorted(stop_at(site, 200, eventually, seed=2))
    with capsys.disabled():
        print(f"\nstops: {len(took)}, median {took[100]:.2f} s, longest {took[-1]:.2f} s, a start {site.start_s:.1f} s")
    assert took[-1] <= ENDS_WITHIN_S
