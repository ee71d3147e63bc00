"""Sequences as 3D Slicer writes them: the order of their axes, and the times of their frames."""

import gzip

import numpy as np
import pytest
from grid_files import PLAIN, STACK, mha, nrrd, pixels, times

from firmware_bridge.errors import SourceUnreadable


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
@pytest.mark.parametrize("colour", [False, True])
def test_a_list_that_comes_first_is_taken_apart(read, encoding, colour):
    """As 3D Slicer wrote sequences until 5.8; colour lies next to it."""
    stored = np.repeat(STACK[..., None], 3, axis=3) if colour else STACK
    woven = np.ascontiguousarray(np.moveaxis(stored, 0, -1)).tobytes()
    names = {"dimension": 5, "sizes": "5 3 9 6 1", "kinds": "list RGB-color domain domain domain"}
    plain = {
        "dimension": 4,
        "sizes": "5 9 6 1",
        "kinds": "list domain domain domain",
        "space_directions": "none (0.2,0,0) (0,0.3,0) (0,0,1)",
    }
    data = nrrd(
        gzip.compress(woven) if encoding == "gzip" else woven,
        "axis 0 index values:=0 0.1 0.2 0.4 0.5",
        **(names if colour else plain),
        encoding=encoding,
        labels='"time" "" "" "" ""' if colour else '"time" "" "" ""',
    )
    frames, losses = read("x.seq.nrrd", data)
    assert np.array_equal(pixels(frames), STACK)
    assert times(frames) == [0, 100_000, 200_000, 400_000, 500_000]
    assert frames[0].geometry.mm_per_px == (None if colour else (0.2, 0.3))
    assert losses == {}


def test_a_woven_file_that_is_cut_off_gives_no_frame(read):
    woven = gzip.compress(np.ascontiguousarray(np.moveaxis(STACK, 0, -1)).tobytes())
    with pytest.raises(SourceUnreadable, match="no frame"):
        read("x.nrrd", nrrd(woven[: len(woven) // 2], sizes="5 9 6", kinds="list domain domain", encoding="gzip"))


def test_planes_of_colour_are_joined(read):
    planes = np.stack([STACK, STACK, STACK], axis=1)
    frames, _ = read("x.nrrd", nrrd(planes.tobytes(), dimension=4, sizes="9 6 3 5", kinds="domain domain 3-color time"))
    assert np.array_equal(pixels(frames), STACK)


@pytest.mark.parametrize(
    ("sizes", "kinds"),
    [("9 6 1 5", None), ("9 6 5 1", None), ("9 6 1 5", "domain domain domain list"), ("9 1 6 5", "domain domain domain time")],
)
def test_an_axis_of_one_slice_is_passed_over(read, sizes, kinds):
    frames, _ = read("x.mha", mha(PLAIN, NDims=4, DimSize=sizes, ElementSpacing="0.2 0.3 0.3 1", **({"Kinds": kinds} if kinds else {})))
    assert np.array_equal(pixels(frames), STACK)
    assert frames[0].geometry.mm_per_px == (0.2, 0.3)


@pytest.mark.parametrize(
    ("label", "unit", "step_us"),
    [("time", "", 250_000), ("", "s", 250_000), ("frame", "ms", 250), ("frame", "", 40_000), ("time", "mm", 40_000)],
)
def test_the_index_of_a_sequence_is_time_where_its_name_or_its_unit_is(read, label, unit, step_us):
    data = nrrd(
        PLAIN, "axis 2 index values:=1 1.25 1.5 1.75 2", kinds="domain domain list", labels=f'"" "" "{label}"', units=f'"" "" "{unit}"'
    )
    assert times(read("x.nrrd", data)[0]) == [number * step_us for number in range(5)]


@pytest.mark.parametrize(
    ("spacing", "unit", "step_us"),
    [("0.05", "s", 50_000), ("20", "ms", 20_000), ("0.05", "", 40_000), ("nan", "s", 40_000), ("0", "s", 40_000)],
)
def test_a_spacing_of_time_is_the_time_from_frame_to_frame(read, spacing, unit, step_us):
    data = nrrd(PLAIN, kinds="domain domain time", spacings=f"0.2 0.3 {spacing}", units=f'"mm" "mm" "{unit}"')
    assert times(read("x.nrrd", data)[0]) == [number * step_us for number in range(5)]


def test_an_index_of_time_counts_before_a_spacing_of_time(read):
    data = nrrd(PLAIN, "axis 2 index values:=1 1.25 1.5 1.75 2", kinds="domain domain time", spacings="0.2 0.3 9", units='"" "" "s"')
    assert times(read("x.nrrd", data)[0]) == [number * 250_000 for number in range(5)]
