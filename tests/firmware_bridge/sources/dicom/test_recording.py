from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import gdcm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, DeflatedExplicitVRLittleEndian, RLELossless

from firmware_bridge.errors import BridgeError, NotUltrasound, SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.sources.dicom import contents
from firmware_bridge.sources.file import open_file

RAMP = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (20, 1))
CINE = np.stack([RAMP, RAMP // 2, RAMP // 3])

Make = Callable[..., Dataset]


def test_a_grey_cine_comes_back_pixel_for_pixel(an_object, read) -> None:
    result = read(an_object(CINE, FrameTime="33.5"))
    np.testing.assert_array_equal(result.pixels, CINE)
    assert [frame.captured_us for frame in result.frames] == [0, 33_500, 67_000]


def test_settings_and_device_are_stated_if_the_object_has_them(an_object, saved) -> None:
    dataset = an_object(
        CINE, DepthOfScanField=160, MechanicalIndex="1.2", SoftTissueThermalIndex="0.4", Manufacturer="Acme", DeviceSerialNumber="S7"
    )
    dataset.ManufacturerModelName, dataset.SoftwareVersions = "Wand", "2.1"
    with open_file(saved(dataset)) as source:
        assert (source.info.device, source.info.firmware, source.info.serial_number, source.info.frames) == ("Acme Wand", "2.1", "S7", 3)
        expected = AcquisitionSettings(depth_mm=160, mechanical_index=1.2, thermal_index=0.4)
        assert next(source.frames()).settings == expected
        assert source.apply(AcquisitionSettings(depth_mm=80)) == expected


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ({"Manufacturer": "Acme", "ManufacturerModelName": "Wand", "TransducerData": ["C5-1", "UNUSED"]}, "Acme Wand / C5-1"),
        ({"Manufacturer": "Acme", "ManufacturerModelName": "Acme Wand", "TransducerData": ["UNUSED", ""]}, "Acme Wand"),
        ({"Manufacturer": "Acme"}, "Acme"),
        ({"Manufacturer": ""}, "unknown machine"),
        ({}, "unknown machine"),
    ],
)
def test_the_machine_is_what_the_object_states_of_maker_model_and_transducer(an_object, saved, stated, name) -> None:
    dataset = an_object(CINE)
    for key, value in stated.items():
        setattr(dataset, key, value)
    with open_file(saved(dataset)) as source:
        assert (source.info.machine.name, next(source.frames()).machine.name) == (name, name)


def equipment(maker, model, purpose="109101"):
    item, code = Dataset(), Dataset()
    item.Manufacturer, item.ManufacturerModelName = maker, model
    code.CodeValue, code.CodingSchemeDesignator = purpose, "DCM"
    item.PurposeOfReferenceCodeSequence = [code]
    return item


@pytest.mark.parametrize(
    ("contributed", "name"),
    [
        ([equipment("Acme Wand", "Acme Wand"), equipment("Archive", "One", "109103")], "Acme Wand"),
        ([equipment("Archive", "One", "109103"), equipment("Acme", "Wand")], "Acme Wand"),
        ([equipment("Archive", "One", "109103")], "Exporter Two"),
        ([Dataset()], "Exporter Two"),
    ],
)
def test_the_scanner_of_an_exported_object_is_the_equipment_that_made_the_images(an_object, saved, contributed, name) -> None:
    dataset = an_object(CINE, Manufacturer="Exporter", ManufacturerModelName="Two", ContributingEquipmentSequence=contributed)
    with open_file(saved(dataset)) as source:
        assert source.info.machine.name == name


def test_a_damaged_frame_is_counted_and_the_next_one_read(packed, encoded, read) -> None:
    good = encoded(np.dstack([RAMP] * 3))
    result = read(packed([good, b"\xff\xd8" + bytes(200), good], RAMP.shape, FrameTime="40"))
    assert [frame.captured_us for frame in result.frames] == [0, 80_000]
    assert result.losses == {"undecodable": 1}
    assert result.announced == 3


@pytest.mark.parametrize(
    ("shape", "ratio"),
    [
        ((40, 50), ["2", "1"]),
        ((20, 100), ["1", "2"]),
        ((20, 50), ["1", "1"]),
        ((20, 50), ["0", "1"]),
        ((20, 50), ["1", "0"]),
        ((20, 50), ["1"]),
    ],
)
def test_pixels_that_are_not_square_are_made_square_where_no_scale_tells_it(shape, ratio, an_object, read) -> None:
    frame = read(an_object(CINE, PixelAspectRatio=ratio)).frames[0]
    assert frame.pixels.shape == shape
    assert frame.geometry.mm_per_px is None


def test_a_scale_tells_the_shape_of_a_pixel_and_keeps_the_pixels_as_they_are(an_object, read) -> None:
    frame = read(an_object(CINE, PixelAspectRatio=["2", "1"], PixelSpacing=["0.4", "0.2"])).frames[0]
    assert frame.pixels.shape == RAMP.shape
    assert frame.geometry.mm_per_px == (0.2, 0.4)


def without(dataset: Dataset, name: str) -> Dataset:
    delattr(dataset, name)
    return dataset


def compressed_as(dataset: Dataset, syntax: str, frame: bytes) -> Dataset:
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    return dataset


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda new: without(new(CINE), "PixelData"), "has no pixels"),
        (lambda new: new(CINE.astype(np.uint16)), "an image of 16 bits (16 stored)"),
        (lambda new: new(CINE.astype(np.uint16), BitsStored=12, HighBit=11), "an image of 16 bits (12 stored)"),
        (lambda new: new(CINE, PixelRepresentation=1), "8 unsigned"),
        (lambda new: new(np.zeros((1, 8, 8, 3), np.uint8)), "colour without PlanarConfiguration"),
        (lambda new: new(CINE, PhotometricInterpretation="HSV"), "the unknown kind 'HSV'"),
        (lambda new: new(np.stack([CINE] * 3, -1), PlanarConfiguration=0, PhotometricInterpretation="HSV"), "the unknown kind 'HSV'"),
        (lambda new: new(np.stack([CINE] * 3, -1), PhotometricInterpretation="MONOCHROME2"), "contradicts itself: SamplesPerPixel is 3"),
        (lambda new: new(CINE, PhotometricInterpretation="RGB"), "contradicts itself: SamplesPerPixel is 1"),
        (lambda new: new(CINE, Rows=1000), "contradicts itself: 50 x 1000 pixels need 50000 bytes a frame, but its pixels have 3000"),
        (
            lambda new: new(np.stack([CINE] * 3, -1), PlanarConfiguration=0, PixelData=CINE.tobytes()),
            "contradicts itself: 3 frames need 3 bytes a pixel, but there are 1",
        ),
        (lambda new: new(CINE, Rows=65535, Columns=65535), "a picture of 65535 x 65535 pixels"),
        (lambda new: new(np.zeros((1, 1, 1), np.uint8), PixelData=bytes(contents.MOST_FRAMES + 2)), "make up more than 200000 frames"),
        (lambda new: new(CINE, PhotometricInterpretation="RGB", SamplesPerPixel=4), "contradicts itself: SamplesPerPixel is 4"),
        (lambda new: new(CINE, Rows=0), "a picture of 50 x 0 pixels"),
        (lambda new: without(new(CINE), "Rows"), "the DICOM object is damaged"),
        (lambda new: new(CINE, PhotometricInterpretation="PALETTE COLOR"), "the DICOM object is damaged"),
        (lambda new: compressed_as(new(CINE), MPEG4HP41, bytes(64)), "MPEG-4"),
    ],
)
def test_what_cannot_be_read_rightly_is_refused_with_its_reason(make: Callable[[Make], Dataset], reason: str, an_object, saved) -> None:
    path = saved(make(an_object))
    with pytest.raises(SourceUnreadable) as caught:
        open_file(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_codestream_of_more_than_eight_bits_is_no_ultrasound_whatever_its_label(packed, encoded, saved) -> None:
    deep = encoded(np.zeros((20, 50), np.uint16), "JPEG2000", no_jp2=True)
    with pytest.raises(NotUltrasound, match="of 16 bits"):
        open_file(saved(packed([deep], RAMP.shape)))


@pytest.mark.parametrize("content", [b"", b"x" * 500, bytes(128) + b"DICM", bytes(128) + b"DICM" + b"\xff" * 300])
def test_other_content_than_dicom_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.dcm"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=str(path)):
        open_file(path)


def test_a_stick_that_is_pulled_ends_the_recording_with_an_error(an_object, saved) -> None:
    path = saved(an_object(CINE))
    with open_file(path) as source:
        path.unlink()
        with pytest.raises(SourceUnreadable, match="the disk does not give its frames"):
            list(source.frames())


@pytest.fixture(scope="module")
def whole_objects(tmp_path_factory: pytest.TempPathFactory, an_object, packed, encoded, recoded) -> list[bytes]:
    """One of each way in which pixels are stored."""
    path = tmp_path_factory.mktemp("whole") / "x.dcm"
    colours = np.stack([CINE] * 3, axis=-1)
    palette = an_object(CINE, PhotometricInterpretation="PALETTE COLOR")
    for name in ("Red", "Green", "Blue"):
        setattr(palette, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(palette, f"{name}PaletteColorLookupTableData", bytes(512))
    rle = an_object(CINE)
    rle.compress(RLELossless, encoding_plugin="pydicom")
    deflated = an_object(CINE)
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    datasets = [
        an_object(CINE),
        an_object(colours, PlanarConfiguration=0),
        an_object(colours, PhotometricInterpretation="YBR_FULL_422"),
        palette,
        rle,
        deflated,
        packed([encoded(picture) for picture in colours], RAMP.shape),
        packed([encoded(picture) for picture in colours], RAMP.shape, fragments=2),
        packed([encoded(picture, "JPEG2000", no_jp2=True, mct=1) for picture in colours], RAMP.shape, table=False),
        packed([recoded(picture, gdcm.TransferSyntax.JPEGLosslessProcess14_1, "RGB") for picture in colours], RAMP.shape),
    ]
    whole = []
    for dataset in datasets:
        dataset.save_as(path, enforce_file_format=True)
        whole.append(path.read_bytes())
    return whole


@settings(max_examples=300)
@given(data=st.data())
def test_whatever_is_changed_or_cut_off_frames_or_an_error_of_ours(
    data: st.DataObject, whole_objects: list[bytes], tmp_path_factory: pytest.TempPathFactory, read_file
) -> None:
    content = bytearray(data.draw(st.sampled_from(whole_objects)))
    place = st.one_of(st.integers(128, 900), st.integers(128, len(content) - 1))
    for at, byte in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=6)):
        content[at % len(content)] = byte
    path = tmp_path_factory.getbasetemp() / "changed.dcm"
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))])
    with suppress(BridgeError):
        result = read_file(path)
        assert len(result.frames) + sum(result.losses.values()) == result.announced


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
    "color-pl.dcm": (1, (160, 256), None),
    "color3d_jpeg_baseline.dcm": (120, (480, 640), 0.5105),
    "examples_palette.dcm": (1, (350, 800), 0.2623),
    "examples_rgb_color.dcm": (1, (240, 320), None),
    "examples_ybr_color.dcm": (30, (240, 320), 0.5105),
    "sonoque_anechoic-3mm-3mm.dcm": (1, (1455, 2083), 0.0291),
    "sonoque_axial-lateral-resolution-2020.dcm": (1, (1455, 2083), 0.0291),
}


@pytest.mark.parametrize("name", REAL)
def test_real_objects_of_every_coding_are_read(name: str, data_folder: Path, read) -> None:
    count, shape, mm_per_px = REAL[name]
    result = read(data_folder / "dicom_us" / name)
    assert (len(result.frames), result.losses) == (count, {})
    assert {pixels.shape for pixels in result.pixels} == {shape}
    assert result.pixels[0].std() > 10, "no picture"
    scale = result.frames[0].geometry.mm_per_px
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
def test_two_codings_of_one_picture_agree(one: str, other: str, mean_difference: float, data_folder: Path, read) -> None:
    first, second = (read(data_folder / "dicom_us" / name).pixels[0].astype(int) for name in (one, other))
    assert np.abs(first - second).mean() <= mean_difference
