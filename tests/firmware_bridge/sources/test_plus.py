"""Files with the fields of PLUS and 3D Slicer, and headers in the spellings of other programs."""

import gzip
import zlib

import numpy as np
import pytest

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.sources.file import open_file

STACK = np.random.default_rng(5).integers(0, 256, (5, 6, 9), dtype=np.uint8)
PLAIN = STACK.tobytes()


def mha(body, data_file="LOCAL", **fields):
    fields_of_file = {"NDims": 3, "DimSize": "9 6 5", "ElementType": "MET_UCHAR", **fields, "ElementDataFile": data_file}
    return "".join(f"{key} = {value}\n" for key, value in fields_of_file.items()).encode() + body


def nrrd(body, *pairs, **fields):
    fields_of_file = {"type": "uint8", "dimension": 3, "sizes": "9 6 5", "encoding": "raw", **fields}
    lines = [f"{key.replace('_', ' ')}: {value}" for key, value in fields_of_file.items()]
    return ("NRRD0005\n" + "\n".join([*lines, *pairs]) + "\n\n").encode() + body


@pytest.fixture
def read(tmp_path):
    def frames_of(name, data):
        (tmp_path / name).write_bytes(data)
        with open_file(tmp_path / name) as source:
            return list(source.frames()), {loss.cause: loss.frames for loss in source.losses}

    return frames_of


def pixels(frames):
    return np.stack([frame.pixels for frame in frames])


def times(frames):
    return [frame.captured_us for frame in frames]


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
    ("label", "unit", "step_us"),
    [("time", "", 250_000), ("", "s", 250_000), ("frame", "ms", 250), ("frame", "", 40_000), ("time", "mm", 40_000)],
)
def test_the_index_of_a_sequence_is_time_where_its_name_or_its_unit_is(read, label, unit, step_us):
    data = nrrd(
        PLAIN, "axis 2 index values:=1 1.25 1.5 1.75 2", kinds="domain domain list", labels=f'"" "" "{label}"', units=f'"" "" "{unit}"'
    )
    assert times(read("x.nrrd", data)[0]) == [number * step_us for number in range(5)]


@pytest.mark.parametrize(
    ("fields", "scale"),
    [
        ({"space_directions": "(1,0) (0,1) none"}, None),
        ({"space_directions": "(0.6,0.8,0) (-0.8,0.6,0) none"}, None),
        ({"spacings": "1 1 1"}, None),
        ({"spacings": "nan nan 0.1"}, None),
        ({"spacings": "0.2 0.3 nan"}, (0.2, 0.3)),
        ({"spacings": "0.02 0.03 nan", "units": '"cm" "cm" "s"'}, (0.2, 0.3)),
        ({"spacings": "200 300 nan", "units": '"um" "um" "s"'}, (0.2, 0.3)),
        ({"spacings": "2 3 nan", "units": '"pixel" "pixel" ""'}, None),
        ({"space_directions": "(0,-0.2,0) (0.3,0,0) (nan,nan,nan)"}, (0.2, 0.3)),
        ({"space_directions": "(0.02,0,0) (0,0.03,0) none", "space_units": '"cm" "cm" "cm"'}, (0.2, 0.3)),
        ({"space_directions": "(1,0,0) (0,0.5,0) none"}, (1.0, 0.5)),
    ],
)
def test_a_scale_is_believed_where_it_is_stated_in_a_unit_of_length(read, fields, scale):
    found = read("x.nrrd", nrrd(PLAIN, **fields))[0][0].geometry.mm_per_px
    assert found is None if scale is None else found == pytest.approx(scale)


def test_directions_place_an_image_in_the_room_and_never_mirror_it(read):
    """3D Slicer states both axes as negative where nothing turns the image."""
    frames, _ = read("x.nrrd", nrrd(PLAIN, space="left-posterior-superior", space_directions="(-0.2,0,0) (0,-0.3,0) none"))
    assert np.array_equal(pixels(frames), STACK)
    assert frames[0].geometry.mm_per_px == (0.2, 0.3)


def test_axes_without_kinds_are_told_apart_by_their_directions(read):
    data = nrrd(np.repeat(STACK[0][..., None], 3, axis=2).tobytes(), sizes="3 9 6", space_directions="none (0.2,0) (0,0.3)")
    (frame,), _ = read("x.nrrd", data)
    assert np.array_equal(frame.pixels, STACK[0])
    assert frame.geometry.mm_per_px == (0.2, 0.3)


def test_pixels_at_the_end_of_a_file_are_found_there(read, tmp_path):
    (tmp_path / "x.raw").write_bytes(b"thirty-two bytes of their header" + PLAIN)
    (tmp_path / "x.zraw").write_bytes(b"a header" + zlib.compress(PLAIN))
    packed = {"CompressedData": "True", "CompressedDataSize": len(zlib.compress(PLAIN))}
    for name, data in {
        "a.mhd": mha(b"", "x.raw", HeaderSize=-1),
        "b.mhd": mha(b"", "./x.raw", HeaderSize=32),
        "c.mhd": mha(b"", "x.zraw", HeaderSize=-1, **packed),
        "d.mha": mha(b"something else" + PLAIN, HeaderSize=-1),
        "e.nhdr": nrrd(b"", byte_skip=-1, data_file="x.raw"),
        "f.nhdr": nrrd(b"", byte_skip=32, data_file="x.raw"),
        "g.nrrd": nrrd(b"something else" + PLAIN, byte_skip=-1),
    }.items():
        assert np.array_equal(pixels(read(name, data)[0]), STACK), name


@pytest.mark.parametrize("local", ["LOCAL", "Local", "local"])
@pytest.mark.parametrize("true", ["True", "true", "T", "1"])
def test_the_words_of_a_header_are_read_as_metaio_reads_them(read, local, true):
    frames, _ = read("x.mha", mha(zlib.compress(PLAIN), local, CompressedData=true, BinaryData=true, HeaderSize=0))
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
    ("name", "make"),
    [
        ("x.nrrd", lambda: nrrd(gzip.compress(PLAIN), sizes="9 6 3", encoding="gzip")),
        ("x.mha", lambda: mha(zlib.compress(PLAIN), DimSize="9 6 3", CompressedData="True")),
    ],
)
def test_packed_frames_that_the_header_does_not_announce_are_counted(read, name, make):
    frames, losses = read(name, make())
    assert np.array_equal(pixels(frames), STACK[:3])
    assert losses == {"unannounced": 2}


def test_a_gzip_of_several_members_is_read_to_its_end(read):
    half = len(PLAIN) // 2 + 7
    frames, losses = read("x.nrrd", nrrd(gzip.compress(PLAIN[:half]) + gzip.compress(PLAIN[half:]), encoding="gz"))
    assert np.array_equal(pixels(frames), STACK)
    assert losses == {}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.mha", mha(PLAIN, ElementType="MET_STRING"), "the type MET_STRING"),
        ("x.mha", mha(PLAIN, ElementType="MET_STRING", BinaryData="True"), "the type MET_STRING"),
        ("x.mha", mha(PLAIN, BinaryData="False"), "written as text"),
        ("x.mha", mha(PLAIN, HeaderSize=3), "HeaderSize is '3'"),
        ("x.mha", mha(PLAIN, HeaderSize=-2), "HeaderSize is '-2'"),
        ("x.mha", mha(zlib.compress(PLAIN), CompressedData="True", HeaderSize=-1), "CompressedDataSize"),
        ("x.mha", mha(PLAIN[9:], HeaderSize=-1), "cut off"),
        ("x.mha", mha(PLAIN, NDims=4), "contradicts itself: NDims 4"),
        ("x.mha", mha(PLAIN, DimSize="9 6 3"), "contradicts itself: it announces 3 pictures"),
        ("x.mha", mha(PLAIN, Kinds="domain domain"), "contradicts itself: 2 kinds for 3 axes"),
        ("x.mha", mha(zlib.compress(bytes(270))), "contradicts itself: it announces 270 bytes of plain pixels.*packed with zlib"),
        ("x.mha", mha(PLAIN, CompressedData="True"), "contradicts itself: it announces pixels packed with zlib"),
        ("x.nrrd", nrrd(PLAIN, encoding="gzip"), "contradicts itself: it announces pixels packed with gzip"),
        ("x.nrrd", nrrd(gzip.compress(bytes(270))), "contradicts itself: it announces 270 bytes of plain pixels.*packed with gzip"),
        ("x.nrrd", nrrd(PLAIN, dimension=2), "contradicts itself: dimension 2"),
        ("x.nrrd", nrrd(PLAIN, sizes="9 6 3"), "contradicts itself: it announces 3 pictures"),
        ("x.nrrd", nrrd(PLAIN, kinds="domain domain"), "contradicts itself: 2 kinds for 3 axes"),
        ("x.nrrd", nrrd(PLAIN, space_directions="(1,0) (0,1)"), "contradicts itself: 2 space directions for 3 axes"),
        ("x.nrrd", nrrd(PLAIN, spacings="a b c"), "spacing is not a number"),
        ("x.nrrd", nrrd(gzip.compress(PLAIN), encoding="gzip", byte_skip=7), "skip 0 lines and 7 bytes"),
        ("x.nrrd", nrrd(b"", sizes="99999 600 500", kinds="list domain domain", encoding="gzip"), "woven into each other"),
    ],
)
def test_a_description_that_does_not_fit_the_file_is_refused_with_the_reason(read, name, data, why):
    with pytest.raises(SourceUnreadable, match=why):
        read(name, data)


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


@pytest.mark.parametrize(("unit", "scale"), [("cm", (0.2, 0.3)), ("um", (0.00002, 0.00003)), ("?", (0.02, 0.03)), ("furlong", None)])
def test_a_metaimage_states_its_unit_of_length(read, unit, scale):
    found = read("x.mha", mha(PLAIN, ElementSpacing="0.02 0.03 1", DistanceUnits=unit))[0][0].geometry.mm_per_px
    assert found is None if scale is None else found == pytest.approx(scale)


@pytest.mark.parametrize("opacity", [lambda columns: np.where(columns < 4, 0, 255), lambda columns: 0 * columns])
def test_what_is_transparent_is_black_and_an_unused_opacity_is_none(read, opacity):
    opaque = np.broadcast_to(opacity(np.arange(9)), STACK.shape)
    shown = STACK if not opaque.any() else np.where(opaque, STACK, 0)
    hidden = np.where(opaque.any() & (opaque == 0), 255, STACK)
    stored = np.stack([hidden, hidden, hidden, opaque], -1).astype(np.uint8).tobytes()
    for name, data in {
        "x.mha": mha(stored, ElementNumberOfChannels=4),
        "x.nrrd": nrrd(stored, dimension=4, sizes="4 9 6 5", kinds="RGBA-color domain domain list"),
    }.items():
        assert np.array_equal(pixels(read(name, data)[0]), shown), name


def test_a_mark_of_unicode_before_a_header_is_passed_over(read):
    for name, data in {"x.mha": mha(PLAIN), "x.nrrd": nrrd(PLAIN)}.items():
        assert np.array_equal(pixels(read(name, b"\xef\xbb\xbf" + data)[0]), STACK), name


@pytest.mark.parametrize("fields", [{}, {"endian": "middle"}])
def test_words_whose_order_of_bytes_is_not_stated_are_refused(read, fields):
    with pytest.raises(SourceUnreadable, match="a sample has 2 bytes, and their order"):
        read("x.nrrd", nrrd(STACK.astype("<u2").tobytes(), type="uint16", **fields))
