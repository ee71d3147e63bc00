import tracemalloc

import numpy as np
import pytest
from pydicom import dcmread

from edge.exchange.dicom.errors import DicomNotWritten
from edge.exchange.dicom.image import set_pixels
from edge.exchange.dicom.items import begin
from edge.exchange.dicom.stream import write_frames
from edge.exchange.dicom.syntax import COMPACT, LOSSLESS, lossy
from firmware_bridge.errors import SourceUnreadable
from tests.edge.exchange.dicom.made import frame, grey

EVERY = pytest.mark.parametrize("policy", [LOSSLESS, COMPACT, lossy(90)])


def head(policy, frames):
    dataset = begin("1.2.840.10008.5.1.4.1.1.3.1", "2.25.1", policy.syntax)
    set_pixels(dataset, (48, 64), 1, policy)
    dataset.NumberOfFrames = frames
    return dataset


@EVERY
def test_fewer_or_more_frames_than_announced_leave_no_file(tmp_path, policy):
    for announced in (2, 4):
        with pytest.raises(SourceUnreadable, match="3 frames"):
            write_frames(tmp_path / "clip.dcm", head(policy, announced), map(grey, range(3)), policy)
    assert not list(tmp_path.iterdir())


@EVERY
def test_a_recording_that_fails_in_the_middle_leaves_no_file(tmp_path, policy):
    def frames():
        yield grey(1)
        raise SourceUnreadable("the disk is gone", "Connect it")

    with pytest.raises(SourceUnreadable):
        write_frames(tmp_path / "clip.dcm", head(policy, 2), frames(), policy)
    assert not list(tmp_path.iterdir())


@EVERY
def test_a_disk_that_refuses_is_named(tmp_path, policy):
    with pytest.raises(DicomNotWritten, match="absent"):
        write_frames(tmp_path / "absent" / "clip.dcm", head(policy, 1), [grey(1)], policy)


@pytest.mark.parametrize("policy", [COMPACT, lossy(90)])
def test_each_frame_is_an_item_and_the_table_tells_its_place(tmp_path, policy):
    write_frames(tmp_path / "clip.dcm", head(policy, 3), map(grey, range(3)), policy)
    data = dcmread(tmp_path / "clip.dcm").PixelData
    places = np.frombuffer(data, "<u4", 3, offset=8)
    after_table = 8 + 3 * 4
    assert [data[after_table + place : after_table + place + 4] for place in places] == [b"\xfe\xff\x00\xe0"] * 3


@pytest.mark.parametrize("policy", [LOSSLESS, COMPACT])
def test_memory_does_not_grow_with_the_length_of_the_recording(record, write, policy):
    short, long = (record([frame(number, pixels=grey(number, 240, 320)) for number in range(count)]) for count in (100, 500))
    write(short, policy)  # what is loaded once
    assert peak(lambda: write(long, policy)) < 1.5 * peak(lambda: write(short, policy))


def peak(act):
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
