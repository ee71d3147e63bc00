import numpy as np
import pytest

from edge.bench.drift.patients import Stream
from edge.bench.drift.watched import Watches
from edge.feedback.drift.reference import Reference
from edge.feedback.drift.watch import Watch
from tests.edge.feedback.drift.ward import OUTPUTS, exams


@pytest.fixture(scope="module")
def reference():
    return Reference.of(exams(1, 100), OUTPUTS)


def one_by_one(reference, stream, seed, most):
    """The exam at which the appliance's own watch stops."""
    rng, watch = np.random.default_rng(seed), Watch.new(reference)
    for _ in range(most):
        watch = watch.stepped(reference, stream.exams[rng.choice(len(stream.chances), 1, p=stream.chances)[0]])
    return watch.stopped_at


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_delay_is_that_of_the_appliance_s_own_watch(reference, seed):
    stream = Stream.even(exams(5, 30, gain_db=3))
    found = Watches(reference, np.random.default_rng(seed), 1).delays(stream, 80)
    assert found.tolist() == [one_by_one(reference, stream, seed, 80)]


def test_a_change_that_is_never_found_has_no_end(reference):
    steady = Stream.even(exams(6, 40))
    assert np.isinf(Watches(reference, np.random.default_rng(1), 5).delays(steady, 3)).all()


def test_after_a_stop_a_new_watch_begins(reference):
    same = Stream.even(exams(7, 1, gain_db=12, other=True))
    watches = Watches(reference, np.random.default_rng(1), 4)
    after = watches.delays(same, 20)[0]
    assert np.isfinite(after)
    assert watches.stops(same, int(3 * after)) == 4 * 3
