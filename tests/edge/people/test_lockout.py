"""The effect of several wrong PINs in a row, also if the clock changes or the appliance restarts in between."""

import tempfile
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.people.actor import NOBODY_ACTOR
from edge.people.lockout import LOCKS, WAITS_S, Failures, SignInLocked, SignInRefused, SignInWaits, admit, failed, wait_after
from edge.people.pin import Argon2Pins, Parameters
from edge.people.policy import load_policy
from edge.records.people.attempts import Attempts
from edge.records.people.operators import NewOperator, Operators
from edge.records.store import Store
from edge.services.sign_in import SignInService
from edge.services.turns import EACH

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
HERE = "192.0.2.1"
PINS = Argon2Pins(lambda: Parameters(1, 8))
PIN, WRONG = "482915", "739154"


def test_each_failure_after_the_fifth_waits_longer_and_the_tenth_locks():
    waits = [wait_after(count) for count in range(LOCKS)]
    assert waits[:5] == [timedelta()] * 5
    assert waits[5:] == sorted(waits[5:])
    assert waits[5] > timedelta()
    assert wait_after(LOCKS) is wait_after(LOCKS + 1) is None


def test_a_wait_ends_by_the_clock_or_by_the_measured_time():
    waiting = Failures(5, NOON + timedelta(seconds=30))
    with pytest.raises(SignInWaits, match="Wait 30 seconds"):
        admit(waiting, NOON + timedelta(seconds=1), timedelta(seconds=1))
    admit(waiting, NOON + timedelta(seconds=30), timedelta(seconds=0))
    admit(waiting, NOON, timedelta(seconds=30))


def test_a_lock_does_not_end_with_time():
    locked = Failures()
    for _ in range(LOCKS):
        locked = failed(locked, NOON)
    with pytest.raises(SignInLocked):
        admit(locked, NOON + timedelta(days=36500), timedelta(days=36500))


class SignIn(RuleBasedStateMachine):
    """A service on real records, compared with a model of it; the appliance restarts and the clock is set between the attempts."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.wall, self.ran = NOON, timedelta()
        self.store = None
        self.restart()
        self.operator = Operators(self.store).claim(NewOperator("n-1", "N", PINS.keep(PIN)))
        self.failures, self.waits_until_ran = 0, timedelta(0)

    def teardown(self):
        if getattr(self, "store", None) is not None:
            self.store.close()
            self.folder.cleanup()

    @rule()
    def restart(self):
        if self.store is not None:
            self.store.close()
        folder = Path(self.folder.name)
        self.store = Store.open(folder, lambda: self.wall)
        self.store.clock._ran = lambda: self.ran
        self.service = SignInService(self.store, load_policy(folder), PINS, lambda: self.ran)

    @rule(seconds=st.integers(0, 700))
    def pass_by(self, seconds):
        self.ran += timedelta(seconds=seconds)
        self.wall += timedelta(seconds=seconds)

    @rule(year=st.sampled_from([1970, 2000, 2026]))
    def set_clock_back(self, year):
        self.wall = min(self.wall, datetime(year, 1, 1, tzinfo=timezone.utc))

    @rule()
    def set_clock_to_2099(self):
        self.wall = datetime(2099, 1, 1, tzinfo=timezone.utc)
        self.waits_until_ran = self.ran  # the clock can end a wait, but does not change the count

    @rule()
    def unlock(self):
        Attempts(self.store).unlock("supervisor", self.operator.id)
        self.failures, self.waits_until_ran = 0, self.ran

    @rule(right=st.booleans())
    def attempt(self, right):
        try:
            with self.service._turns.of(self.operator.id, HERE):
                self.service._identified(self.operator.id, PIN if right else WRONG, HERE)
        except SignInLocked:
            assert self.failures >= LOCKS
        except SignInWaits:
            assert 5 <= self.failures < LOCKS
        except SignInRefused:
            assert not right
            assert self.failures < LOCKS
            self.failures += 1
            self.waits_until_ran = self.ran + timedelta(seconds=WAITS_S.get(self.failures, 0))
        else:
            assert right
            assert self.failures < LOCKS
            if not self.clock_jumped:
                assert self.ran >= self.waits_until_ran

    @property
    def clock_jumped(self):
        """After a wrong clock was corrected, a wait can end early; ten failures still lock."""
        return self.wall.year != 2026

    @rule()
    def sign_in(self):
        try:
            self.service.begin(NOBODY_ACTOR, "n-1", PIN, "192.0.2.1")
        except (SignInLocked, SignInWaits):
            assert self.failures >= 5
        else:
            assert self.failures < LOCKS
            self.failures, self.waits_until_ran = 0, self.ran

    @invariant()
    def every_failure_is_counted(self):
        if getattr(self, "store", None) is not None and hasattr(self, "operator"):
            stored = Operators(self.store).get(self.operator.id)
            assert stored.failures == self.failures
            assert (stored.locked_at is not None) == (self.failures >= LOCKS)


SignIn.TestCase.settings = settings(max_examples=10, stateful_step_count=30, suppress_health_check=list(HealthCheck))
TestSignIn = SignIn.TestCase


def test_guesses_of_the_pin_that_run_side_by_side_are_counted_one_by_one(tmp_path, eventually):
    store = Store.open(tmp_path)
    Operators(store).claim(NewOperator("n-1", "N", PINS.keep(PIN)))
    service = SignInService(store, load_policy(tmp_path), PINS)
    actor = service.begin(NOBODY_ACTOR, "n-1", PIN, "192.0.2.1").actor
    refusals = []

    def guess():
        try:
            service.pin_again(actor, WRONG, "192.0.2.1")
        except (SignInRefused, SignInWaits) as error:
            refusals.append(type(error))

    for _ in range(2):
        threads = [threading.Thread(target=guess) for _ in range(EACH)]
        with service._turns._turn:  # until each of them waits for its turn
            for thread in threads:
                thread.start()
            eventually(lambda: service._turns._waiting.total() == EACH, "the guesses did not queue")
        for thread in threads:
            thread.join()
    store.close()
    assert sorted(each.__name__ for each in refusals) == ["SignInRefused"] * 5 + ["SignInWaits"] * (2 * EACH - 5)
