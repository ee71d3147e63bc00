"""The recording of a zone: one that is ended while a frame begins it leaves no recorder behind."""

import threading
import time

import numpy as np
import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.taking.zone_taking import ZoneTaking
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo

INFO = SourceInfo("virtual://chest", "chest", Origin.SIMULATED)
FRAME = Frame(np.zeros((8, 8), np.uint8), 1, 1000, 1)


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

    taking = on_skin(ZoneTaking(acquisition(), make, moved_on=True))
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
    taking = on_skin(ZoneTaking(acquisition(), lambda: made.append(1), moved_on=True))
    getattr(taking, end)()
    taking.frame(FRAME)
    assert made == []
