"""A source that comes back gets its previous settings, if it has any; a refusal or no answer is shown, and its frames are still read."""

import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.pipeline import source_keeper
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.source_keeper import SourceKeeper
from edge.pipeline.source_state import SourceState
from edge.pipeline.times import Times
from firmware_bridge.errors import ProbeSilent, ProbeUnplugged, SourceLost
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.machine import Machine

ROOT = Path(__file__).resolve().parents[3]
WISHED = AcquisitionSettings(depth_mm=90, preset="lung")


@pytest.fixture
def pipeline(reader):
    """Reads nothing: each frame waits or is displaced."""
    return Pipeline(reader, Hub(), Counts(), Times())


@contextmanager
def running(keeper):
    """A keeper that runs in its own thread."""
    thread = threading.Thread(target=keeper.run)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.close()
        thread.join(60)


@pytest.fixture
def openings(monkeypatch, listed_source, pixels):
    """Sources in memory, a new one each time that the keeper opens. Each answers to settings as the test states, and is then lost."""
    answers = []

    def open_next(*_):
        source = listed_source([pixels, SourceLost("gone", "plug it in")] if len(answers) > 1 else [pixels])
        source.apply = answers.pop(0) if answers else (lambda settings: settings)
        source.notice = None
        return source

    monkeypatch.setattr(source_keeper, "open_source", open_next)
    monkeypatch.setattr(source_keeper, "BACKOFF_S", (0.0,))
    return answers


def raises(error):
    def apply(_):
        raise error

    return apply


def opened_again(keeper):
    keeper.open()
    return keeper.status()


def test_a_probe_without_settings_gets_none_when_it_comes_back(pipeline, openings):
    openings += [raises(AssertionError()), raises(AssertionError())]
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    assert opened_again(keeper).reason == ""


def test_a_probe_that_comes_back_and_refuses_is_read_and_the_refusal_is_shown(pipeline, openings):
    openings += [lambda settings: settings, lambda _: AcquisitionSettings(depth_mm=140, preset="lung")]
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    assert keeper.apply(WISHED) == WISHED
    status = opened_again(keeper)
    assert (status.state, status.reason) == (SourceState.STREAMING, "settings-refused")
    assert "depth_mm 140 instead of 90" in status.problem
    assert status.fix


def test_a_probe_that_comes_back_and_does_not_answer_is_read_and_the_silence_is_shown(pipeline, openings):
    openings += [lambda settings: settings, raises(ProbeSilent("it does not answer", "restart it")), lambda settings: settings]
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    keeper.apply(WISHED)
    status = opened_again(keeper)
    assert (status.state, status.reason) == (SourceState.STREAMING, "settings-refused")
    assert "did not answer" in status.problem
    assert opened_again(keeper).reason == ""


def test_a_refusal_is_cleared_when_the_probe_has_the_settings(pipeline, openings):
    answers = [WISHED, AcquisitionSettings(), AcquisitionSettings(depth_mm=90, preset="lung")]
    answer = lambda _: answers.pop(0)  # noqa: E731
    openings += [answer, answer]
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    keeper.apply(WISHED)
    assert opened_again(keeper).reason == "settings-refused"
    keeper.apply(AcquisitionSettings(preset="lung"))
    assert keeper.status().reason == ""


def test_a_probe_that_is_unplugged_while_settings_are_sent_is_lost(pipeline, openings):
    openings += [lambda settings: settings, raises(ProbeUnplugged("it was unplugged", "check the cable"))]
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    keeper.apply(WISHED)
    with pytest.raises(ProbeUnplugged):
        keeper.open()


def test_after_any_kind_of_end_the_source_is_opened_again(pipeline, openings, monkeypatch):
    """The supervisor calls `run` again, which must not treat the closed source as one that streams."""
    keeper = SourceKeeper("serial:///dev/x", pipeline)
    keeper.open()
    feed, pipeline.feed = pipeline.feed, raises(SystemExit(3))
    with pytest.raises(SystemExit):
        keeper.run()
    pipeline.feed = feed
    keeper.run()
    assert pipeline.received == 1
    assert keeper.status().state is SourceState.ENDED


class Warming(threading.Event):
    """A model that is not ready; `asked` once somebody waits for it."""

    def __init__(self):
        super().__init__()
        self.asked = False

    def wait(self, timeout=None):
        self.asked = True
        return super().wait(timeout)


def test_it_waits_until_the_model_is_ready_or_it_is_closed(pipeline, openings, eventually):
    closed = SourceKeeper("serial:///dev/x", pipeline, ready=Warming())
    with running(closed):
        eventually(lambda: closed._ready.asked or pipeline.received, "it does nothing")
        assert pipeline.received == 0
    assert pipeline.received == 0
    ready = Warming()
    with running(SourceKeeper("serial:///dev/x", pipeline, ready=ready)):
        ready.set()
        eventually(lambda: pipeline.received, "it gives no frame")


class Pty:
    """The C example probe behind a link, as udev names a port."""

    def __init__(self, program, link):
        self._program, self._link = program, link

    def plug_in(self):
        self._process = subprocess.Popen([self._program], stdout=subprocess.PIPE, text=True)
        self._link.symlink_to(self._process.stdout.readline().strip())

    def pull_out(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._link.unlink()


def test_the_example_probe_which_knows_no_settings_comes_back_after_a_replug(pipeline, eventually, missing, tmp_path):
    """It ignores SetSettings: the keeper once waited for it, closed it and opened it for ever."""
    device = ROOT / "firmware_bridge/device"
    program, link = tmp_path / "probe", tmp_path / "port"
    try:
        subprocess.run(["cc", "-std=c11", f"-I{device}", device / "example_probe.c", device / "sonolink.c", "-o", program], check=True)
    except FileNotFoundError:
        missing("a C compiler")
    probe = Pty(program, link)
    probe.plug_in()
    keeper = SourceKeeper(f"serial://{link}", pipeline)
    try:
        with running(keeper):
            eventually(lambda: pipeline.received > 3, "no frames came")
            assert keeper.apply(WISHED) == AcquisitionSettings()
            probe.pull_out()
            eventually(lambda: keeper.status().state is SourceState.LOST, "the loss was not seen")
            before = pipeline.received
            probe.plug_in()
            eventually(lambda: pipeline.received > before + 3, "the probe did not come back")
            status = keeper.status()
            assert (status.state, status.reason) == (SourceState.STREAMING, "settings-refused")
    finally:
        probe.pull_out()


@pytest.fixture
def opened_as(pipeline, monkeypatch, listed_source, pixels):
    """The status after a source that names itself so was lost, and came back under the next name."""

    def opened(*names):
        waiting = list(names)

        def open_next(*_):
            source = listed_source([pixels])
            source.info, source.notice = replace(source.info, machine=Machine.named(waiting.pop(0))), None
            return source

        monkeypatch.setattr(source_keeper, "open_source", open_next)
        keeper = SourceKeeper("serial:///dev/x", pipeline)
        keeper.open()
        return opened_again(keeper)

    return opened


def test_another_machine_that_comes_back_is_read_and_shown(opened_as):
    status = opened_as("Philips Lumify", "Acme Scan")
    assert (status.state, status.reason) == (SourceState.STREAMING, "other-probe")
    assert "Acme Scan, no serial number; the previous one: Philips Lumify" in status.problem


@pytest.mark.parametrize("names", [("Philips Lumify", "Philips Lumify"), ("unknown machine", "Acme Scan")])
def test_the_same_machine_or_one_that_names_itself_late_is_no_other(opened_as, names):
    assert opened_as(*names).reason == ""
