"""The fields of PLUS: which frames are images, when they were taken, which way up they are, and what their samples are."""

import numpy as np
import pytest
from grid_files import PLAIN, STACK, mha, nrrd, pixels, times

from firmware_bridge.errors import SourceUnreadable

TRACKED = [f"Seq_Frame{number:04}_Timestamp" for number in range(5)]


def of_plus(kind, statuses, at=(10, 10.1, 10.2, 10.3, 10.4), **header):
    """A file of PLUS with a status and a time a frame."""
    if kind == "nrrd":
        pairs = [f"{key}:={second}" for key, second in zip(TRACKED, at, strict=False)]
        pairs += [f"Seq_Frame{number:04}_Status:={status}" for number, status in enumerate(statuses)]
        return nrrd(PLAIN, *pairs, *(f"ultrasound image {key}:={value}" for key, value in header.items()), kinds="domain domain list")
    named = {f"UltrasoundImage{key.title()}": value for key, value in header.items()}
    states = {f"Seq_Frame{number:04}_ImageStatus": status for number, status in enumerate(statuses)}
    return mha(PLAIN, **named, **dict(zip(TRACKED, at, strict=False)), **states)


@pytest.mark.parametrize("kind", ["nrrd", "mha"])
def test_frames_that_plus_marks_as_no_images_are_lost_and_the_others_stay_at_their_time(read, kind):
    frames, losses = read(f"x.{kind}", of_plus(kind, ["OK", "INVALID", "ok", "Invalid", "OK"]))
    assert np.array_equal(pixels(frames), STACK[[0, 2, 4]])
    assert times(frames) == [0, 200_000, 400_000]
    assert losses == {"invalid": 2}


@pytest.mark.parametrize("kind", ["nrrd", "mha"])
def test_time_begins_with_the_first_image_and_an_invalid_frame_needs_none(read, kind):
    frames, _ = read(f"x.{kind}", of_plus(kind, ["INVALID", "OK", "OK", "OK", "INVALID"], (0, 10.1, 10.2, 10.3, "unknown")))
    assert times(frames) == [0, 100_000, 200_000]
    frames, _ = read(f"x.{kind}", of_plus(kind, ["INVALID", "OK", "INVALID", "OK", "OK"], ()))
    assert times(frames) == [0, 80_000, 120_000]


@pytest.mark.parametrize("kind", ["nrrd", "mha"])
def test_a_file_of_invalid_frames_alone_is_refused(read, kind):
    with pytest.raises(SourceUnreadable, match="no image"):
        read(f"x.{kind}", of_plus(kind, ["INVALID"] * 5))


@pytest.mark.parametrize("kind", ["nrrd", "mha"])
def test_the_image_is_put_upright(read, kind):
    for orientation, wanted in {
        "MF": STACK[0],
        "UFA": STACK[0][:, ::-1],
        "mn": STACK[0][::-1],
        "UN": STACK[0][::-1, ::-1],
        "FM": STACK[0].T,
    }.items():
        frames, _ = read(f"x.{kind}", of_plus(kind, [], orientation=orientation, type="BRIGHTNESS"))
        assert np.array_equal(frames[0].pixels, wanted)


@pytest.mark.parametrize("kind", ["nrrd", "mha"])
def test_rf_lines_become_an_image_of_their_envelope(read, kind):
    frames, _ = read(f"x.{kind}", of_plus(kind, [], type="RF_REAL"))
    assert frames[0].pixels.shape == (9, 6)
    assert not np.array_equal(frames[0].pixels, STACK[0].T)


def test_the_scale_turns_with_the_image(read):
    frames, _ = read("x.mha", mha(PLAIN, ElementSpacing="0.1 0.4 1", UltrasoundImageOrientation="FMA"))
    assert frames[0].geometry.mm_per_px == (0.4, 0.1)


def test_a_pair_never_replaces_a_field_and_plus_writes_its_fields_either_way(read):
    frames, _ = read("x.nrrd", nrrd(PLAIN, "sizes:=1 1 1", ultrasound_image_orientation="UF"))
    assert np.array_equal(pixels(frames), STACK[:, :, ::-1])
