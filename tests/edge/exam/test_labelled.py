"""Labelled recordings are read as any clip is, once, and what cannot be used states why."""

import numpy as np
import pytest
from PIL import Image

from edge.exam.labelled import LabelledReader, ReadClip, of_another_machine
from edge.inference.acceptance.errors import AcceptanceNotWritten
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

FRAMES = 6


@pytest.fixture(scope="module")
def reader():
    return Reader.load(ModelRelease.load(BUILT_IN / "lung-s"))


@pytest.fixture
def read(reader, tmp_path):
    def of(path, *, every=1, sha256="a", each_frame=lambda: None):
        return LabelledReader(tmp_path / "read.jsonl", reader, every).read(path, sha256, each_frame)

    return of


@pytest.fixture
def clip(tmp_path):
    """Six frames without a statement that they are simulated."""
    first, *rest = [Image.fromarray(Chest(6, size=200).image(number / 10)) for number in range(FRAMES)]
    path = tmp_path / "clip.gif"
    first.save(path, save_all=True, append_images=rest, duration=100)
    return path


def test_a_clip_has_the_mean_logit_of_its_frames(read, clip):
    found = read(clip)
    assert (found.frames, found.unfit, set(found.logits)) == (FRAMES, "", {"b_lines", "a_lines", "severity_2_plus"})


def test_every_second_frame_is_read(read, clip):
    assert read(clip, every=2).frames == FRAMES // 2


def test_what_was_read_before_is_not_read_again_for_the_same_file_and_frames(read, clip):
    counted = []
    first = read(clip, each_frame=lambda: counted.append(1))
    assert read(clip, each_frame=lambda: counted.append(1)) == first
    assert len(counted) == FRAMES
    read(clip, every=2, each_frame=lambda: counted.append(1))
    read(clip, sha256="b", each_frame=lambda: counted.append(1))
    assert len(counted) == FRAMES + FRAMES // 2 + FRAMES


def test_an_interruption_loses_the_clip_that_was_being_read_and_no_other(read, clip):
    def interrupt():
        raise KeyboardInterrupt

    read(clip)
    with pytest.raises(KeyboardInterrupt):
        read(clip, sha256="b", each_frame=interrupt)
    assert read(clip, each_frame=interrupt).frames == FRAMES


def test_a_file_that_cannot_be_read_states_why(read, tmp_path):
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"")
    found = read(path)
    assert (found.unfit, found.logits) == ("unreadable", {})
    assert "empty" in found.detail


def test_a_clip_of_poor_images_is_unfit(read, tmp_path):
    path = tmp_path / "black.png"
    Image.fromarray(np.zeros((96, 128), np.uint8)).save(path)
    assert read(path).unfit == "NO_CONTACT"


def test_a_simulated_recording_is_of_no_patient(read, tmp_path):
    chest, path = Chest(6, size=128), tmp_path / "simulated.mcap"
    recorder = Recorder(path, SourceInfo("virtual://", "chest", Origin.SIMULATED), "research use, not a diagnosis")
    for count in range(3):
        recorder.frame_waiting(Frame(chest.image(count / 10), count, count * 100_000, 0, chest.geometry, chest.settings, True))
    assert recorder.close().problem is None
    assert read(path).unfit == "simulated"


@pytest.mark.parametrize(
    ("stated", "another"), [("unknown machine", False), ("GE Vscan Air / 3S", False), ("Philips Lumify", True), ("GE Vscan", True)]
)
def test_a_recording_that_states_another_machine_is_found(stated, another):
    assert of_another_machine(ReadClip(machine=stated), Machine("GE", "Vscan Air")) is another


def test_a_disk_that_refuses_is_an_error(reader, clip, tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(AcceptanceNotWritten):
        LabelledReader(tmp_path / "folder.jsonl", reader, 1)
