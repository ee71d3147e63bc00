"""A tap that fails is reported by name, and does not affect the loop or the other taps."""

from edge.pipeline.tap import Taps


class Counts:
    def __init__(self, error=None):
        self.error, self.calls = error, []

    def _take(self, what):
        self.calls.append(what)
        if self.error is not None:
            raise self.error

    frame = losses = observation = _take


def test_every_tap_receives_everything_also_if_another_fails():
    bad, good = Counts(ValueError("x")), Counts()
    taps = Taps(bad, good)
    for call in (taps.frame, taps.losses, taps.observation):
        call("something")
    assert (len(bad.calls), len(good.calls)) == (3, 3)
    assert "ValueError" in taps.problem(bad).what
    assert taps.problem(good) is None


def test_the_first_failure_is_shown():
    bad = Counts(ValueError("first"))
    taps = Taps(bad)
    taps.frame(1)
    bad.error = KeyError("second")
    taps.frame(2)
    assert "first" in taps.problem(bad).what
