"""The virtual probe in its own process, through a real pty."""

import os
import signal
import time
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from firmware_bridge.errors import SourceAbsent, SourceLost, SourceUnknown, SourceUnreadable, VersionMismatch
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.serial import SerialSource, open_port
from firmware_bridge.sources.url import open_source
from firmware_bridge.sources.virtual import VirtualSource, play
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults


def test_simulated_frames_are_flagged_and_the_source_says_so():
    with open_source("virtual://chest?b_lines=2&fps=0&size=100") as source:
        frames = list(islice(source.frames(), 5))
        assert source.info.origin is Origin.SIMULATED
        assert all(f.simulated and f.pixels.shape == (100, 100) and not f.pixels.flags.writeable for f in frames)
        assert [f.sequence for f in frames] == list(range(5))
        assert frames[0].received_ns <= frames[-1].received_ns <= time.monotonic_ns()


def test_a_recording_arrives_as_it_is_in_the_file(data_folder):
    clip = data_folder / "covid_blues/lus_videos/patient_1_R2.mp4"
    with open_file(clip) as source:
        wanted = [f.pixels for f in source.frames()]
    with open_source(f"{play(clip, once=True)}&fps=0") as source:
        got = list(source.frames())
        assert source.info.origin is Origin.REPLAY
        assert source.info.name == clip.name
        assert source.losses == ()
    assert len(got) == len(wanted)
    assert not any(f.simulated for f in got)
    assert all(np.array_equal(f.pixels, w) for f, w in zip(got, wanted, strict=True))


@pytest.mark.parametrize("fps", [20, 0])
def test_a_recording_is_black_before_it_is_repeated_as_if_the_probe_was_lifted(tmp_path, fps):
    Image.new("L", (64, 64), 90).save(tmp_path / "still.png")
    with open_source(f"{play(tmp_path / 'still.png', lift=True)}&fps={fps}") as source:
        levels = (int(frame.pixels.max()) for frame in islice(source.frames(), 200))
        for shown in (90, 0, 90):
            assert shown in levels  # reads on until it comes


@pytest.mark.parametrize("simulated", [True, False])
def test_a_recording_of_a_simulation_stays_simulated_when_it_is_played(tmp_path, simulated):
    path = tmp_path / "recorded.mcap"
    origin = Origin.SIMULATED if simulated else Origin.LIVE
    with path.open("wb") as file:
        writer = RecordingWriter(file, SourceInfo("virtual://chest", "chest", origin), "")
        for number in range(3):
            writer.frame(Frame(np.full((40, 60), number, np.uint8), number, number * 40_000, 0, simulated=simulated))
        writer.finish()
    with open_source(f"{play(path, once=True)}&fps=0") as source:
        frames = list(source.frames())
        assert (source.info.origin, source.info.simulated) == (Origin.REPLAY, simulated)
    assert [frame.simulated for frame in frames] == [simulated] * 3


def test_a_probe_that_dies_is_lost_with_the_next_step():
    with VirtualSource(["--fps=50", "--size=64"], "virtual://chest") as source:
        frames = source.frames()
        next(frames)
        os.kill(source.pid, signal.SIGKILL)
        with pytest.raises(SourceLost, match="unplugged"):
            for _ in frames:
                pass


def test_a_host_that_does_not_read_loses_counted_frames():
    with open_source("virtual://chest?fps=100&size=300&rendered=3") as source:
        frames = source.frames()
        for _ in range(60):
            list(islice(frames, 40))
            if sum(loss.frames for loss in source.losses if loss.cause == "sequence-gap") > 20:
                return
            time.sleep(1.0)
    raise AssertionError("the lost frames are not counted")


def test_settings_reach_the_probe_and_come_back():
    with open_source("virtual://chest?fps=20&size=64") as source:
        assert source.apply(AcquisitionSettings(depth_mm=90)).depth_mm == 90
        seen = [f.settings.depth_mm for f in islice(source.frames(), 10)]
        assert seen[-1] == 90


def test_faults_and_settings_of_the_url_reach_the_frames():
    url = "virtual://?air=1&dead=3,40-41&loss_db=3&preset=abdomen&depth_mm=90&gain_db=55&seed=4&size=120&fps=0"
    with open_source(url) as source:
        frame = next(iter(source.frames()))
    chest = Chest(depth_mm=90, gain_db=55, seed=4, size=120, preset="abdomen", faults=Faults(air=1, dead=(3, 40, 41), loss_db=3))
    assert frame.settings == chest.settings
    assert np.array_equal(frame.pixels, chest.image(0))


@pytest.mark.parametrize(
    ("option", "faults"),
    [
        ("blur_mm=1", Faults(blur_mm=1)),
        ("haze=0.5", Faults(haze=0.5)),
        ("frozen=1", Faults(frozen=True)),
        ("text=ABC%20D", Faults(text="ABC D")),
        ("foreign=1", Faults(foreign=True)),
        ("sweep_mm_s=-20", Faults(sweep_mm_s=-20)),
    ],
)
def test_each_fault_can_be_asked_for(option, faults):
    with open_source(f"virtual://?size=120&fps=0&{option}") as source:
        second = list(islice(source.frames(), 2))[1]
    assert np.array_equal(second.pixels, Chest(size=120, faults=faults).image(1 / 25))


def test_a_fixed_probe_answers_with_what_it_is_set_to():
    with open_source("virtual://?fixed=1&size=64") as source:
        next(source.frames())
        assert source.apply(AcquisitionSettings(depth_mm=90, preset="abdomen")).depth_mm == 140


def test_closing_from_another_thread_ends_the_frames():
    import threading

    source = open_source("virtual://chest?fps=20&size=64")
    frames = source.frames()
    next(frames)
    threading.Timer(0.3, source.close).start()
    assert sum(1 for _ in frames) < 100


@pytest.mark.parametrize(
    ("url", "error", "stated"),
    [
        ("virtual://abdomen", SourceUnknown, "there is no simulation"),
        ("virtual://chest?b_line=3", SourceUnknown, "b_lines"),
        ("virtual://chest?fps=fast", SourceUnknown, "not a number"),
        ("virtual://?loss_db=nan", SourceUnknown, "loss_db: nan is not from 0 to 60 dB"),
        ("virtual://?air=1.5", SourceUnknown, "air: 1.5 is not from 0 to 1"),
        ("virtual://?size=0", SourceUnknown, "size"),
        ("virtual://?seed=1.5", SourceUnknown, "not a whole number"),
        ("virtual://?dead=128", SourceUnknown, "elements 0 to 127"),
        ("virtual://?dead=41-40", SourceUnknown, "backwards"),
        ("virtual://?dead=4,,5", SourceUnknown, "neither an element nor a run"),
        ("virtual://?frozen=perhaps", SourceUnknown, "neither yes nor no"),
        ("virtual://?preset=moon", SourceUnknown, "lung, abdomen"),
        ("virtual://?text=a%0Ab", SourceUnknown, "one line"),
        ("virtual:///clip.mp4?dead=4", SourceUnknown, "no option 'dead'"),
        ("virtual:///nowhere/clip.mp4", (SourceAbsent, SourceUnreadable), "is not there"),
    ],
)
def test_bad_urls_name_the_known_values(url, error, stated):
    with pytest.raises(error, match=stated):
        open_source(url)


def test_a_virtual_probe_of_another_version_is_refused_by_the_appliance():
    with pytest.raises(VersionMismatch, match="Update"):
        VirtualSource(["--versions", "9"], "virtual://chest")


def test_a_port_can_be_opened_again_after_it_was_closed():
    import subprocess
    import sys

    command = [sys.executable, "-m", "firmware_bridge.virtual_probe", "--with-parent", "--size=64", "--fps=50"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
        port = probe.stdout.readline().strip()
        for _ in range(3):
            with SerialSource(open_port(port), f"serial://{port}") as source:
                assert len(list(islice(source.frames(), 3))) == 3
        probe.stdin.close()
        assert probe.wait(10) == 0
