"""For a trial the simulated chest takes the place of the appliance's own source, which then comes back, whatever state it was in."""

import threading
from contextlib import contextmanager

import pytest

from edge.pipeline import source_keeper, source_switch
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.source_state import SourceState
from edge.pipeline.source_switch import SIMULATED_CHEST, SourceSwitch
from edge.pipeline.times import Times
from firmware_bridge.errors import SourceAbsent
from firmware_bridge.sources.url import open_source

OWN = "virtual://chest?size=128&rendered=2&fps=50"
RECORDING = "file:///a/recording.mcap"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The chest of the trial is small; every other source but the own one is as the test states."""
    monkeypatch.setattr(source_keeper, "BACKOFF_S", (0.01,))
    monkeypatch.setattr(source_switch, "open_source", lambda *_: open_source("virtual://chest?size=128&rendered=2&fps=50&b_lines=2"))


@pytest.fixture
def running(reader):
    """Runs a switch on this source until the end of the test."""

    @contextmanager
    def run(url):
        ready = threading.Event()
        ready.set()
        made = SourceSwitch(url, Pipeline(reader, Hub(), Counts(), Times()), lambda _: None, ready, None)
        thread = threading.Thread(target=made.run)
        thread.start()
        try:
            yield made
        finally:
            made.close()
            thread.join(60)
            assert not thread.is_alive()

    return run


def streams(switch, url):
    status = switch.status()
    return status.state is SourceState.STREAMING and status.url == url


def try_and_return(switch, eventually):
    over = threading.Event()
    assert switch.try_simulated(over.is_set)
    assert switch.trying
    eventually(lambda: streams(switch, SIMULATED_CHEST), "the trial does not stream")
    assert switch.status().info.simulated
    received = switch._pipeline.received
    eventually(lambda: switch._pipeline.received > received, "the trial feeds no frames")
    over.set()
    eventually(lambda: not switch.trying, "the trial does not end")


def test_the_own_source_streams_again_after_a_trial_and_after_the_next(running, eventually):
    with running(OWN) as switch:
        for _ in range(2):
            eventually(lambda: streams(switch, OWN), "the own source does not stream")
            try_and_return(switch, eventually)
        eventually(lambda: streams(switch, OWN), "the own source does not come back")


def test_a_second_trial_does_not_begin_beside_the_first(running):
    with running(OWN) as switch:
        assert switch.try_simulated(lambda: False)
        assert not switch.try_simulated(lambda: False)


def test_an_appliance_without_a_source_can_be_tried(running, eventually):
    with running("") as switch:
        try_and_return(switch, eventually)
        assert switch.status().state is SourceState.FAILED


def test_a_probe_that_is_absent_is_looked_for_again_after_a_trial(running, eventually, monkeypatch):
    looked = []

    def absent(url, _):
        looked.append(url)
        raise SourceAbsent("no probe", "plug it in")

    monkeypatch.setattr(source_keeper, "open_source", absent)
    with running("serial:///dev/x") as switch:
        eventually(lambda: looked, "the probe is not looked for")
        try_and_return(switch, eventually)
        before = len(looked)
        eventually(lambda: len(looked) > before, "the probe is not looked for again")
        assert switch.status().state is SourceState.LOST


def test_a_recording_that_has_ended_stays_ended_after_a_trial(running, eventually, monkeypatch, listed_source, pixels):
    opened = []

    def recording(url, _):
        opened.append(url)
        source = listed_source([pixels])
        source.notice = None
        return source

    monkeypatch.setattr(source_keeper, "open_source", recording)
    with running(RECORDING) as switch:
        eventually(lambda: switch.status().state is SourceState.ENDED, "the recording does not end")
        try_and_return(switch, eventually)
        assert (switch.status().state, opened) == (SourceState.ENDED, [RECORDING])


def test_after_the_close_no_trial_begins(running):
    with running(OWN) as switch:
        pass
    assert not switch.try_simulated(lambda: False)
