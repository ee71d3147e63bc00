"""Taps: each receives everything that passes, whatever happens to another."""

from edge.pipeline.tap import Taps


class Broken:
    """Fails at everything."""

    def frame(self, frame):
        raise RuntimeError(f"frame {frame}")

    losses = observation = frame


class Listening:
    def __init__(self):
        self.received = []
        self.frame = self.losses = self.observation = self.received.append


def test_a_tap_that_fails_stops_neither_the_others_nor_the_pipeline_and_is_logged_once(capsys):
    listening = Listening()
    taps = Taps(Broken(), listening)
    for number in range(3):
        taps.frame(number)
        taps.losses(number)
        taps.observation(number)
    assert listening.received == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    said = "".join(capsys.readouterr())
    assert (said.count("a tap of the pipeline failed"), said.count("RuntimeError: frame 0")) == (1, 1)
