import threading

import pytest

from edge.people.actor import APPLIANCE_ACTOR
from edge.probe.record import Asked
from edge.records.probe_checks import ProbeChecks
from edge.services.probe_check import CheckRuns, ProbeCheckService
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

INFO = SourceInfo("virtual://", "chest", Origin.SIMULATED, "virtual probe", "1.0", "V-1")


@pytest.fixture
def desk(tmp_path):
    return ProbeCheckService(ProbeChecks(tmp_path))


@pytest.fixture
def stream(desk):
    """Frames of an array in air pass the desk until the test ends, as those of the pipeline do."""
    chest = Chest(faults=Faults(air=1, dead=(7, 8)))
    drawn = [chest.image(i * 0.4) for i in range(4)]
    ended = threading.Event()

    def run():
        count = 0
        while not ended.wait(0.001):
            desk.frame(Frame(drawn[count % 4], count, count, count, chest.geometry, chest.settings, simulated=True))
            count += 1

    thread = threading.Thread(target=run)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_a_check_takes_the_frames_that_pass(desk, stream):
    done = desk.run(APPLIANCE_ACTOR, Asked(), INFO)
    assert (done.verdict, done.frames) == ("do not use", 25)
    assert [(run.first, run.last) for run in done.dead] == [(7, 8)]
    assert desk.history(APPLIANCE_ACTOR, "V-1").checks == (done,)


def test_frames_that_nobody_checks_are_not_kept(desk):
    for i in range(100):
        desk.frame(Frame(Chest(size=16).image(0), i, i, i))
    assert desk._waiting is None


def test_there_is_one_check_at_a_time_and_closing_ends_it(desk):
    done = []
    first = threading.Thread(target=lambda: done.append(desk.run(APPLIANCE_ACTOR, Asked(), INFO)))
    first.start()
    while desk._waiting is None:
        pass
    with pytest.raises(CheckRuns):
        desk.run(APPLIANCE_ACTOR, Asked(), INFO)
    desk.close()
    first.join()
    assert done[0].verdict == "can't tell"


def test_a_silent_probe_ends_the_check(desk, monkeypatch):
    monkeypatch.setattr("edge.services.probe_check.SILENCE_S", 0.05)
    assert desk.run(APPLIANCE_ACTOR, Asked(), INFO).reasons[0].code == "TOO_FEW_FRAMES"
