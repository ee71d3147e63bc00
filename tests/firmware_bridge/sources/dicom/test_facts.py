import numpy as np
import pytest
from pydicom import Dataset

CINE = np.zeros((3, 20, 50), np.uint8)


@pytest.mark.parametrize(
    ("values", "times"),
    [
        ({"FrameTimeVector": [0, 20, 50]}, [0, 20_000, 70_000]),
        ({"CineRate": 50}, [0, 20_000, 40_000]),
        ({"RecommendedDisplayFrameRate": 10}, [0, 100_000, 200_000]),
        ({"FrameTimeVector": [0, 20], "FrameTime": "30"}, [0, 30_000, 60_000]),
        ({"FrameTimeVector": [0, 0, 0], "FrameTime": "30"}, [0, 30_000, 60_000]),
        ({"FrameTimeVector": [0, 0, 0], "CineRate": 50}, [0, 20_000, 40_000]),
        ({"FrameTimeVector": [0, 20, -5], "FrameTime": "30"}, [0, 30_000, 60_000]),
        ({"FrameTimeVector": [0, 20, 50, 70]}, [0, 20_000, 70_000]),
        ({"FrameTimeVector": [0, 20, 50], "FrameTime": "30", "FrameIncrementPointer": 0x00181063}, [0, 30_000, 60_000]),
        ({"FrameTimeVector": [0, 20, 50], "FrameTime": "30", "FrameIncrementPointer": 0x00181065}, [0, 20_000, 70_000]),
        ({"FrameTimeVector": [0, 20, 50], "FrameTime": "0", "FrameIncrementPointer": 0x00181063}, [0, 20_000, 70_000]),
        ({"FrameTime": "-30"}, [0, 40_000, 80_000]),
        ({"FrameTime": "0", "CineRate": 50}, [0, 20_000, 40_000]),
        ({"CineRate": 0, "RecommendedDisplayFrameRate": 10}, [0, 100_000, 200_000]),
        ({"FrameTime": ""}, [0, 40_000, 80_000]),
        ({}, [0, 40_000, 80_000]),
    ],
)
def test_time_is_taken_from_the_first_usable_tag(values: dict[str, object], times: list[int], an_object, read) -> None:
    assert [frame.captured_us for frame in read(an_object(CINE, **values)).frames] == times


@pytest.mark.parametrize("text", [b"fast", b"nan ", b"1e999 "])
def test_a_time_that_is_no_number_counts_as_unknown(text: bytes, an_object, saved, read) -> None:
    path = saved(an_object(CINE, FrameTime="123456"[: len(text)]))
    path.write_bytes(path.read_bytes().replace(b"123456"[: len(text)], text))
    assert [frame.captured_us for frame in read(path).frames] == [0, 40_000, 80_000]


REGION_2D = {
    "RegionSpatialFormat": 1,
    "PhysicalUnitsXDirection": 3,
    "PhysicalUnitsYDirection": 3,
    "PhysicalDeltaX": 0.02,
    "PhysicalDeltaY": -0.03,
}


def region(**values: object) -> Dataset:
    dataset = Dataset()
    for name, value in (REGION_2D | values).items():
        setattr(dataset, name, value)
    return dataset


@pytest.mark.parametrize(
    ("regions", "mm_per_px"),
    [
        ([], None),
        ([region()], (0.2, 0.3)),
        ([region(), region()], (0.2, 0.3)),
        ([region(), region(PhysicalDeltaX=0.0200000003, PhysicalDeltaY=0.0299999)], (0.2, 0.3)),
        ([region(), region(RegionSpatialFormat=3, PhysicalDeltaX=9)], (0.2, 0.3)),
        ([region(), region(PhysicalDeltaX=0.05)], None),
        ([region(), region(PhysicalDeltaX=0.0202)], None),
        ([region(PhysicalUnitsXDirection=4)], None),
        ([region(PhysicalDeltaX=0)], None),
    ],
)
def test_scale_comes_from_regions_in_centimetres_that_agree(regions, mm_per_px, an_object, read) -> None:
    frame = read(an_object(CINE, SequenceOfUltrasoundRegions=regions)).frames[0]
    assert frame.geometry.mm_per_px == (pytest.approx(mm_per_px) if mm_per_px else None)


@pytest.mark.parametrize(
    ("values", "mm_per_px"),
    [
        ({"PixelSpacing": ["0.3", "0.2"]}, (0.2, 0.3)),
        ({"PixelSpacing": ["1", "1"]}, None),
        ({"PixelSpacing": ["0", "0.2"]}, None),
        ({"PixelSpacing": "0.2"}, None),
        ({"PixelSpacing": ["0.3", "0.2"], "SequenceOfUltrasoundRegions": [region(PhysicalDeltaX=0.01)]}, (0.1, 0.3)),
        ({"PixelSpacing": ["0.3", "0.2"], "SequenceOfUltrasoundRegions": [region(), region(PhysicalDeltaX=0.05)]}, None),
    ],
)
def test_without_regions_the_spacing_of_the_pixels_is_the_scale(values, mm_per_px, an_object, read) -> None:
    frame = read(an_object(CINE, **values)).frames[0]
    assert frame.geometry.mm_per_px == (pytest.approx(mm_per_px) if mm_per_px else None)


def groups_of(*spacings: list[str]) -> list[Dataset]:
    """Functional groups, each with a spacing of the pixels (down, across)."""
    groups = []
    for spacing in spacings:
        measures, group = Dataset(), Dataset()
        measures.PixelSpacing = spacing
        group.PixelMeasuresSequence = [measures]
        groups.append(group)
    return groups


NARROW, NARROW_TOO = ["0.4", "0.2"], ["0.2", "0.1"]


@pytest.mark.parametrize(
    ("values", "mm_per_px", "shape"),
    [
        ({"SharedFunctionalGroupsSequence": groups_of(NARROW)}, (0.2, 0.4), (20, 50)),
        ({"PerFrameFunctionalGroupsSequence": groups_of(NARROW, NARROW, NARROW)}, (0.2, 0.4), (20, 50)),
        ({"PerFrameFunctionalGroupsSequence": groups_of(NARROW, NARROW_TOO, NARROW)}, None, (40, 50)),
        ({"PerFrameFunctionalGroupsSequence": groups_of(NARROW, ["0.2", "0.2"], NARROW)}, None, (20, 50)),
        ({"PixelSpacing": NARROW, "SharedFunctionalGroupsSequence": groups_of(NARROW_TOO)}, None, (40, 50)),
        ({"PixelSpacing": NARROW, "SequenceOfUltrasoundRegions": [region(PhysicalUnitsXDirection=4)]}, None, (40, 50)),
        ({"SequenceOfUltrasoundRegions": [region(), region(PhysicalDeltaX=0.04, PhysicalDeltaY=0.06)]}, None, (30, 50)),
        ({"SequenceOfUltrasoundRegions": [region(), region(PhysicalDeltaX=0.04)], "PixelAspectRatio": ["1", "2"]}, None, (20, 100)),
    ],
)
def test_pixels_are_square_where_their_shape_is_stated_and_their_scale_is_not(values, mm_per_px, shape, an_object, read) -> None:
    frame = read(an_object(CINE, **values)).frames[0]
    assert frame.geometry.mm_per_px == (pytest.approx(mm_per_px) if mm_per_px else None)
    assert frame.pixels.shape == shape
