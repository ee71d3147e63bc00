import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless, UltrasoundMultiFrameImageStorage

from firmware_bridge.errors import BridgeError, SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.file import open_file

RAMP = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (20, 1))
CINE = np.stack([RAMP, RAMP // 2, RAMP // 3])


def frames_of(path: Path) -> list[Frame]:
    with open_file(path) as source:
        return list(source.frames())


def an_object(pixels: NDArray[np.generic], **values: object) -> Dataset:
    """An uncompressed ultrasound object of (frames, rows, columns) or (frames, rows, columns, 3) pixels."""
    said = Dataset()
    said.file_meta = FileMetaDataset()
    said.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    said.file_meta.MediaStorageSOPClassUID = said.SOPClassUID = UltrasoundMultiFrameImageStorage
    said.file_meta.MediaStorageSOPInstanceUID = said.SOPInstanceUID = "1.2.3"
    said.NumberOfFrames, said.Rows, said.Columns = pixels.shape[:3]
    said.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
    said.PhotometricInterpretation = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
    said.BitsAllocated = said.BitsStored = 8 * pixels.itemsize
    said.HighBit = said.BitsStored - 1
    said.PixelRepresentation = 0
    said.PixelData = pixels.tobytes()
    for name, value in values.items():
        setattr(said, name, value)
    return said


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Dataset], Path]:
    def save(said: Dataset) -> Path:
        path = tmp_path / "clip.dcm"
        said.save_as(path, enforce_file_format=True)
        return path

    return save


def test_a_grey_cine_comes_back_pixel_for_pixel(saved) -> None:
    frames = frames_of(saved(an_object(CINE, FrameTime="33.5")))
    np.testing.assert_array_equal([frame.pixels for frame in frames], CINE)
    assert [frame.captured_us for frame in frames] == [0, 33_500, 67_000]


@pytest.mark.parametrize(
    ("values", "times"),
    [
        ({"FrameTimeVector": [0, 20, 50]}, [0, 20_000, 70_000]),
        ({"CineRate": 50}, [0, 20_000, 40_000]),
        ({"RecommendedDisplayFrameRate": 10}, [0, 100_000, 200_000]),
        ({"FrameTimeVector": [0, 20], "FrameTime": "30"}, [0, 30_000, 60_000]),
        ({}, [0, 40_000, 80_000]),
    ],
)
def test_time_is_taken_from_whichever_tag_the_machine_wrote(values: dict[str, object], times: list[int], saved) -> None:
    assert [frame.captured_us for frame in frames_of(saved(an_object(CINE, **values)))] == times


def test_inverted_grey_is_turned_round(saved) -> None:
    frames = frames_of(saved(an_object(CINE, PhotometricInterpretation="MONOCHROME1")))
    np.testing.assert_array_equal(frames[0].pixels, 255 - RAMP)


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_becomes_luma_in_either_order_of_samples(planar: int, saved) -> None:
    colours = np.random.default_rng(3).integers(0, 255, (2, 16, 24, 3), np.uint8)
    said = an_object(colours, PlanarConfiguration=planar)
    if planar:
        said.PixelData = colours.transpose(0, 3, 1, 2).tobytes()
    for frame, picture in zip(frames_of(saved(said)), colours, strict=True):
        np.testing.assert_array_equal(frame.pixels, np.asarray(Image.fromarray(picture).convert("L")))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_is_looked_up(bits: int, saved) -> None:
    said = an_object(CINE, PhotometricInterpretation="PALETTE COLOR")
    levels = (255 - np.arange(256)).astype(np.uint8)
    entries = levels if bits == 8 else levels.astype("<u2") << 8
    for colour in ("Red", "Green", "Blue"):
        setattr(said, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, bits])
        setattr(said, f"{colour}PaletteColorLookupTableData", entries.tobytes())
    np.testing.assert_array_equal(frames_of(saved(said))[0].pixels, 255 - RAMP)


def test_rle_is_decoded_without_loss(saved) -> None:
    said = an_object(CINE)
    said.compress(RLELossless)
    np.testing.assert_array_equal([frame.pixels for frame in frames_of(saved(said))], CINE)


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=95)
    return file.getvalue()


def a_jpeg_cine() -> Dataset:
    said = an_object(np.stack([CINE] * 3, axis=-1), PhotometricInterpretation="YBR_FULL_422")
    said.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    said.PlanarConfiguration = 0
    said.PixelData = encapsulate([jpeg(np.dstack([picture] * 3)) for picture in CINE])
    said["PixelData"].is_undefined_length = True
    return said


def test_jpeg_without_planar_configuration_is_read_because_the_codec_knows(saved) -> None:
    said = a_jpeg_cine()
    del said.PlanarConfiguration
    for frame, picture in zip(frames_of(saved(said)), CINE, strict=True):
        assert np.abs(frame.pixels.astype(int) - picture).max() <= 3


def test_a_damaged_frame_is_counted_and_the_next_one_read(saved) -> None:
    said = a_jpeg_cine()
    good = jpeg(np.dstack([RAMP] * 3))
    said.PixelData = encapsulate([good, b"\xff\xd8" + bytes(200), good])
    said["PixelData"].is_undefined_length = True
    with open_file(saved(said)) as source:
        assert [frame.captured_us for frame in source.frames()] == [0, 80_000]
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("undecodable", 1)]


REGION_2D = {
    "RegionSpatialFormat": 1,
    "PhysicalUnitsXDirection": 3,
    "PhysicalUnitsYDirection": 3,
    "PhysicalDeltaX": 0.02,
    "PhysicalDeltaY": -0.03,
}


def region(**values: object) -> Dataset:
    said = Dataset()
    for name, value in (REGION_2D | values).items():
        setattr(said, name, value)
    return said


@pytest.mark.parametrize(
    ("regions", "mm_per_px"),
    [
        ([], None),
        ([region()], (0.2, 0.3)),
        ([region(), region()], (0.2, 0.3)),
        ([region(), region(RegionSpatialFormat=3, PhysicalDeltaX=9)], (0.2, 0.3)),
        ([region(), region(PhysicalDeltaX=0.05)], None),
        ([region(PhysicalUnitsXDirection=4)], None),
        ([region(PhysicalDeltaX=0)], None),
    ],
)
def test_scale_comes_from_regions_in_centimetres_that_agree(regions: list[Dataset], mm_per_px: tuple[float, float] | None, saved) -> None:
    frame = frames_of(saved(an_object(CINE, SequenceOfUltrasoundRegions=regions)))[0]
    assert frame.geometry.mm_per_px == (pytest.approx(mm_per_px) if mm_per_px else None)


def test_settings_and_device_are_stated_if_the_object_has_them(saved) -> None:
    said = an_object(
        CINE, DepthOfScanField=160, MechanicalIndex="1.2", SoftTissueThermalIndex="0.4", Manufacturer="Acme", DeviceSerialNumber="S7"
    )
    said.ManufacturerModelName, said.SoftwareVersions = "Wand", "2.1"
    with open_file(saved(said)) as source:
        assert (source.info.device, source.info.firmware, source.info.serial_number, source.info.frames) == ("Acme Wand", "2.1", "S7", 3)
        expected = AcquisitionSettings(depth_mm=160, mechanical_index=1.2, thermal_index=0.4)
        assert next(source.frames()).settings == expected
        assert source.apply(AcquisitionSettings(depth_mm=80)) == expected


def without_pixels() -> Dataset:
    said = an_object(CINE)
    del said.PixelData
    return said


def bare_colour() -> Dataset:
    return an_object(np.zeros((1, 8, 8, 3), np.uint8))


def too_many_frames() -> Dataset:
    said = a_jpeg_cine()
    said.NumberOfFrames = 2**31 - 1
    return said


def without_rows() -> Dataset:
    said = an_object(CINE)
    del said.Rows
    return said


def a_palette_without_its_table() -> Dataset:
    return an_object(CINE, PhotometricInterpretation="PALETTE COLOR")


def an_mpeg() -> Dataset:
    said = an_object(CINE, PixelData=encapsulate([bytes(64)]))
    said.file_meta.TransferSyntaxUID = MPEG4HP41
    said["PixelData"].is_undefined_length = True
    return said


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (without_pixels, "has no pixels"),
        (lambda: an_object(CINE.astype(np.uint16)), "an image of 16 bits (16 stored)"),
        (lambda: an_object(CINE.astype(np.uint16), BitsStored=12, HighBit=11), "an image of 16 bits (12 stored)"),
        (lambda: an_object(CINE, PixelRepresentation=1), "8 unsigned"),
        (bare_colour, "colour without PlanarConfiguration"),
        (lambda: an_object(CINE, PhotometricInterpretation="HSV"), "the unknown kind 'HSV'"),
        (an_mpeg, "MPEG-4"),
        (too_many_frames, "cut off"),
        (without_rows, "the DICOM object is damaged"),
        (a_palette_without_its_table, "the DICOM object is damaged"),
    ],
)
def test_what_cannot_be_read_rightly_is_refused_with_its_reason(make: Callable[[], Dataset], told: str, saved) -> None:
    path = saved(make())
    with pytest.raises(SourceUnreadable) as caught:
        open_file(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"x" * 500, bytes(128) + b"DICM", bytes(128) + b"DICM" + b"\xff" * 300])
def test_other_content_than_dicom_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.dcm"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=str(path)):
        open_file(path)


def test_an_object_cut_off_is_refused(saved) -> None:
    path = saved(an_object(CINE))
    path.write_bytes(path.read_bytes()[: -CINE[0].size // 2])
    with pytest.raises(SourceUnreadable, match="cut off: 2500 of at least 3000 bytes"):
        open_file(path)


def test_a_compressed_object_cut_off_is_refused(saved) -> None:
    path = saved(a_jpeg_cine())
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(SourceUnreadable, match="or is cut off"):
        open_file(path)


@pytest.fixture(scope="module")
def whole_objects(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """One of each coding that is made here."""
    path = tmp_path_factory.mktemp("whole") / "x.dcm"
    whole = []
    for said in (an_object(CINE), an_object(np.stack([CINE] * 3, axis=-1), PlanarConfiguration=0), a_jpeg_cine()):
        said.save_as(path, enforce_file_format=True)
        whole.append(path.read_bytes())
    return whole


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_or_cut_off_frames_or_an_error_of_ours(
    data: st.DataObject, whole_objects: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(data.draw(st.sampled_from(whole_objects)))
    place = st.one_of(st.integers(128, 700), st.integers(128, len(content) - 1))
    for at, byte in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=6)):
        content[at % len(content)] = byte
    path = tmp_path_factory.getbasetemp() / "changed.dcm"
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))])
    with suppress(BridgeError):
        frames_of(path)


REAL = {
    "OBXXXX1A.dcm": (1, (600, 800), 0.2623),
    "OBXXXX1A_rle.dcm": (1, (600, 800), 0.2623),
    "US1_J2KR.dcm": (1, (480, 640), None),
    "US1_UNCI.dcm": (1, (480, 640), None),
    "bmvconv_202103190001_0001_002.dcm": (1, (960, 1248), 0.15625),
    "bmvconv_202103190001_0001_003.dcm": (1, (960, 1248), 0.125),
    "bmvconv_202103190001_0001_004.dcm": (1, (960, 1248), 0.125),
    "bmvconv_202103190001_0001_005.dcm": (1, (960, 1248), 0.21875),
    "bmvconv_202103190001_0001_010.dcm": (1, (960, 1248), 0.1875),
    "color-pl.dcm": (1, (120, 256), None),
    "color3d_jpeg_baseline.dcm": (120, (480, 640), 0.5105),
    "examples_palette.dcm": (1, (350, 800), 0.2623),
    "examples_rgb_color.dcm": (1, (240, 320), None),
    "examples_ybr_color.dcm": (30, (240, 320), 0.5105),
    "sonoque_anechoic-3mm-3mm.dcm": (1, (1455, 2083), 0.0291),
    "sonoque_axial-lateral-resolution-2020.dcm": (1, (1455, 2083), 0.0291),
}


@pytest.mark.parametrize("name", REAL)
def test_real_objects_of_every_coding_are_read(name: str, data_folder: Path) -> None:
    count, shape, mm_per_px = REAL[name]
    with open_file(data_folder / "dicom_us" / name) as source:
        frames = list(source.frames())
        assert (len(frames), source.losses) == (count, ())
    assert {frame.pixels.shape for frame in frames} == {shape}
    assert frames[0].pixels.std() > 10, "no picture"
    scale = frames[0].geometry.mm_per_px
    assert scale == (None if mm_per_px is None else pytest.approx((mm_per_px, mm_per_px), rel=1e-3))


def test_no_real_object_is_left_out_of_the_table(data_folder: Path) -> None:
    assert {path.name for path in (data_folder / "dicom_us").glob("*.dcm")} == set(REAL)


@pytest.mark.parametrize(
    ("one", "other", "mean_difference"),
    [
        ("OBXXXX1A.dcm", "OBXXXX1A_rle.dcm", 0),
        ("US1_UNCI.dcm", "US1_J2KR.dcm", 2),  # the former says of itself that it went through lossy coding at 16:1
    ],
)
def test_two_codings_of_one_picture_agree(one: str, other: str, mean_difference: float, data_folder: Path) -> None:
    first, second = (frames_of(data_folder / "dicom_us" / name)[0].pixels.astype(int) for name in (one, other))
    assert np.abs(first - second).mean() <= mean_difference
