"""MetaImage and NRRD: real files, files made here, and files that lie."""

import gzip
import time
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.errors import BridgeError
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.metaimage import MetaImageUnreadable
from firmware_bridge.sources.nrrd import NrrdUnreadable

STACK = np.random.default_rng(3).integers(0, 256, (4, 6, 9), dtype=np.uint8)


def mha(body, data_file="LOCAL", **fields):
    stated = {"ObjectType": "Image", "NDims": "3", "DimSize": "9 6 4", "ElementType": "MET_UCHAR"} | fields | {"ElementDataFile": data_file}
    return "".join(f"{key} = {value}\n" for key, value in stated.items() if value is not None).encode() + body


def nrrd(body, **fields):
    stated = {"type": "uint8", "dimension": "3", "sizes": "9 6 4", "encoding": "raw"} | fields
    return (
        b"NRRD0004\n# made here\n"
        + "".join(f"{k.replace('_', ' ')}: {v}\n" for k, v in stated.items() if v is not None).encode()
        + b"\n"
        + body
    )


def frames_of(path):
    with open_file(path) as source:
        return list(source.frames()), source.losses


@pytest.fixture
def kept(tmp_path):
    def keep(name, data):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return keep


PLAIN = STACK.tobytes()
GOOD = {
    "plain.mha": mha(PLAIN),
    "packed.mha": mha(zlib.compress(PLAIN), CompressedData="True"),
    "plain.nrrd": nrrd(PLAIN),
    "packed.nrrd": nrrd(gzip.compress(PLAIN), encoding="gzip"),
    "woven.nrrd": nrrd(np.ascontiguousarray(np.moveaxis(STACK, 0, -1)).tobytes(), sizes="4 9 6", kinds="list domain domain"),
}


@pytest.mark.parametrize("name", GOOD)
def test_pixels_come_back_as_they_were(kept, name):
    frames, losses = frames_of(kept(name, GOOD[name]))
    assert np.array_equal(np.stack([frame.pixels for frame in frames]), STACK)
    assert losses == ()


def test_pixels_in_a_file_next_to_the_header_are_found(kept):
    kept("x.raw", PLAIN)
    for path in (kept("x.mhd", mha(b"", "x.raw")), kept("x.nhdr", nrrd(b"", data_file="x.raw"))):
        assert len(frames_of(path)[0]) == 4


@pytest.mark.parametrize(("name", "place"), [("x.mhd", "../x.raw"), ("x.mhd", "/etc/passwd"), ("x.mhd", ".."), ("x.nhdr", "../x.raw")])
def test_pixels_elsewhere_are_refused(kept, name, place):
    data = mha(b"", place) if name.endswith("mhd") else nrrd(b"", data_file=place)
    with pytest.raises((MetaImageUnreadable, NrrdUnreadable), match="same folder"):
        frames_of(kept(name, data))


def test_big_endian_and_deep_samples_are_spread_over_the_greys(kept):
    deep = np.array([[0, 1000], [2000, 4000]], ">u2")
    path = kept("x.mha", mha(deep.tobytes(), NDims=2, DimSize="2 2", ElementType="MET_USHORT", BinaryDataByteOrderMSB="True"))
    assert frames_of(path)[0][0].pixels.tolist() == [[0, 64], [128, 255]]
    path = kept("x.nrrd", nrrd(deep.tobytes(), dimension=2, sizes="2 2", type="ushort", endian="big"))
    assert frames_of(path)[0][0].pixels.tolist() == [[0, 64], [128, 255]]


def test_the_image_is_put_upright(kept):
    for orientation, wanted in {"MFA": STACK[0], "UFA": STACK[0][:, ::-1], "MNA": STACK[0][::-1], "FMA": STACK[0].T}.items():
        path = kept("x.mha", mha(PLAIN, UltrasoundImageOrientation=orientation))
        assert np.array_equal(frames_of(path)[0][0].pixels, wanted)


def test_scale_and_times_are_taken_where_they_are_known(kept):
    times = {f"Seq_Frame{number:04}_Timestamp": f"{5 + number * 0.1}" for number in range(4)}
    frames, _ = frames_of(kept("x.mha", mha(PLAIN, ElementSpacing="0.2 0.3 1", **times)))
    assert [frame.captured_us for frame in frames] == [0, 100_000, 200_000, 300_000]
    assert frames[0].geometry.mm_per_px == (0.2, 0.3)
    assert frames_of(kept("y.mha", mha(PLAIN, ElementSpacing="1 1 1")))[0][0].geometry.mm_per_px is None
    turned = nrrd(PLAIN, space_directions="(0.3,0.4,0) (0,0.25,0) (0,0,1)")
    assert frames_of(kept("x.nrrd", turned))[0][0].geometry.mm_per_px == (0.5, 0.25)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.mha", mha(PLAIN, DimSize="9 6 4000000")),
        ("x.mha", mha(PLAIN, DimSize="99999999 99999999 1")),
        ("x.mha", mha(PLAIN, DimSize="9 6 -4")),
        ("x.mha", mha(PLAIN, DimSize="9 nan 4")),
        ("x.mha", mha(PLAIN[:-1])),
        ("x.mha", mha(PLAIN, ElementSpacing="-0.2 0.2 1")),
        ("x.mha", mha(PLAIN, ElementSpacing="nan 0.2 1")),
        ("x.mha", mha(PLAIN, ElementType="MET_STRING")),
        ("x.mha", mha(PLAIN, UltrasoundImageType="RF_IQ_LINE")),
        ("x.mha", mha(PLAIN, UltrasoundImageType="RF_IQ_LINE", DimSize="1 6 4")),
        ("x.mha", mha(PLAIN, UltrasoundImageType="RF_I_LINE_Q_LINE", DimSize="9 1 4")),
        ("x.mha", b"nothing of the kind"),
        ("x.mha", b""),
        ("x.nrrd", nrrd(PLAIN, sizes="9 6 99999")),
        ("x.nrrd", nrrd(PLAIN, sizes="9 6")),
        ("x.nrrd", nrrd(PLAIN, encoding="hex")),
        ("x.nrrd", nrrd(PLAIN, space_directions="(nan,0,0) (0,-1,0) (0,0,1)")),
        ("x.nrrd", nrrd(PLAIN, byte_skip="-2")),
        ("x.nrrd", b"NRRD0009\n\n"),
    ],
)
def test_a_header_that_lies_is_refused_by_name_and_says_what_to_do(kept, name, data):
    with pytest.raises((MetaImageUnreadable, NrrdUnreadable)) as refused:
        frames_of(kept(name, data))
    assert refused.value.fix


def test_a_bomb_gives_no_more_than_it_announces(kept):
    bomb = zlib.compress(bytes(50_000_000), 9)
    frames, _ = frames_of(kept("x.mha", mha(bomb, CompressedData="True")))
    assert len(frames) == 4
    frames, losses = frames_of(kept("y.mha", mha(zlib.compress(PLAIN[:120]), CompressedData="True")))
    assert (len(frames), [(loss.cause, loss.frames) for loss in losses]) == (2, [("missing", 2)])


@settings(max_examples=120)
@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=5),
    st.integers(0, 10_000),
)
def test_whatever_the_bytes_frames_or_an_error_of_ours(damaged, name, changes, end):
    path = damaged(f"mutated-{name}", GOOD[name], changes, end)
    begun = time.monotonic()
    with suppress(BridgeError):
        frames_of(path)
    assert time.monotonic() - begun < 30


def test_what_plus_wrote_is_read(data_folder):
    folder = data_folder / "plus_scanconv"
    bone, _ = frames_of(folder / "BoneUltrasound_L14.igs.mha")
    assert (len(bone), bone[0].pixels.shape) == (21, (616, 820))
    assert bone[-1].captured_us > 1_000_000
    lines, _ = frames_of(folder / "BkCurvilinearRfData.igs.mhd")
    assert lines[0].pixels.shape == (1740, 358)
    assert lines[0].pixels.std() > 10


def test_what_itk_wrote_is_read(data_folder):
    (frame,), _ = frames_of(data_folder / "itkpocus_clips" / "sonivate-anechoic_1-1.nrrd")
    assert frame.pixels.shape == (512, 512)
    assert frame.geometry.mm_per_px == pytest.approx((0.0776, 0.0776), abs=1e-4)
