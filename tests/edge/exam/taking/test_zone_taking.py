"""The recording of a zone: one that is ended while a frame begins it leaves no recorder behind."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.taking.gate import GateCode, GateState
from edge.exam.taking.view import View
from edge.exam.taking.zone_taking import ZoneTaking
from edge.vision.quality import Limits
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=128)
IN_AIR, SHALLOW = replace(CHEST, faults=Faults(air=1.0)), replace(CHEST, depth_mm=60.0)
INFO = SourceInfo("virtual://chest", "chest", Origin.SIMULATED)
FRAME = Frame(np.zeros((8, 8), np.uint8), 1, 1000, 1 << 62)


def acquisition():
    protocol = load_catalogue().named("blue-6")
    return protocol.acquisition(protocol.zones[0].id)


def on_skin(taking):
    """As after frames that touch the skin, with the settings that are asked for."""
    taking.gate = taking.gate.record_anyway()
    taking._on_skin_until_s = time.monotonic() + 3600
    return taking


def recorders():
    return [thread for thread in threading.enumerate() if thread.name == "recorder"]


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_a_zone_that_is_ended_while_its_recording_begins_leaves_no_recorder(tmp_path, end):
    begins, go = threading.Event(), threading.Event()

    def make():
        begins.set()
        assert go.wait(60)
        return Recorder(tmp_path / "zone.mcap", INFO, "", free_floor=0)

    taking = on_skin(ZoneTaking(acquisition(), make, View()))
    source, ending = threading.Thread(target=taking.frame, args=(FRAME,)), threading.Thread(target=getattr(taking, end))
    source.start()
    assert begins.wait(60)
    ending.start()
    go.set()
    for thread in (source, ending):
        thread.join(60)
    assert recorders() == []
    assert (tmp_path / "zone.mcap").exists() is (end == "close")


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_a_zone_that_was_ended_records_nothing(end):
    made = []
    taking = on_skin(ZoneTaking(acquisition(), lambda: made.append(1), View()))
    getattr(taking, end)()
    taking.frame(FRAME)
    assert made == []


def test_a_frame_that_was_received_before_the_zone_was_asked_for_is_not_recorded():
    made = []
    taking = on_skin(ZoneTaking(acquisition(), lambda: made.append(1), View()))
    taking.frame(replace(FRAME, received_ns=taking._since_ns - 1))
    assert made == []
    taking.frame(replace(FRAME, received_ns=taking._since_ns))
    assert made == [1]


def test_what_was_received_before_the_zone_was_asked_for_fills_it_neither_where_the_disk_refuses_the_recording(scan):
    """Without a recording any frame may be a clip's, so the time of the frame alone decides."""
    before = scan.frame(CHEST)
    taking = ZoneTaking(acquisition(), lambda: None, View())
    taking._tried = True
    taking.observe(scan.observation(before, Limits()))
    assert taking.take.whole is None
    taking.observe(scan.observation(scan.frame(CHEST), Limits()))
    assert taking.take.whole is not None


OBSTACLES = {
    "still the one from before": lambda _scan, _taking: None,
    "no image has come": lambda _scan, _taking: None,
    "not on the skin": lambda scan, taking: taking.observe(scan.observation(scan.frame(IN_AIR), Limits())),
    "only just begun": lambda scan, taking: taking.observe(scan.observation(scan.frame(CHEST), Limits())),
    "settings of the probe": lambda scan, taking: taking.observe(scan.observation(scan.frame(SHALLOW), Limits())),
}


@pytest.mark.parametrize("reason", OBSTACLES)
def test_a_zone_of_which_nothing_is_recorded_states_the_true_reason(scan, reason):
    view = View()
    view.used = "before" in reason
    taking = ZoneTaking(acquisition(), lambda: None, view)
    OBSTACLES[reason](scan, taking)
    error = taking.why_empty()
    assert error.what.startswith("Nothing of this zone has been recorded: ")
    assert reason in error.what
    assert error.fix


SET = AcquisitionSettings(depth_mm=100.0, preset="lung")
ANSWERS = {
    "settings that fit": (SET, GateState.ASKED),
    "none": (None, GateState.REFUSED),
    "others": (replace(SET, depth_mm=60.0), GateState.REFUSED),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_of_the_probe_opens_the_gate_before_a_frame_shows_the_settings(scan, answer):
    settings, state = ANSWERS[answer]
    taking = ZoneTaking(acquisition(), lambda: None, View())
    taking.observe(scan.observation(scan.frame(SHALLOW), Limits()))
    assert taking.ask_probe() is not None
    taking.answered(settings)
    assert (taking.gate.state, taking.gate.codes) == (state, (GateCode.TOO_SHALLOW,))
    taking.observe(scan.observation(scan.frame(CHEST), Limits()))
    assert taking.gate.state is GateState.OPEN


def test_an_answer_that_comes_after_record_anyway_takes_nothing_back(scan):
    taking = ZoneTaking(acquisition(), lambda: None, View())
    taking.observe(scan.observation(scan.frame(SHALLOW), Limits()))
    taking.ask_probe()
    taking.gate = taking.gate.record_anyway()
    taking.answered(SET)
    taking.observe(scan.observation(scan.frame(SHALLOW), Limits()))
    assert (taking.gate.state, taking.gate.overrides) == (GateState.OVERRIDDEN, 1)
