import io
import json
import struct
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.errors import BridgeError
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.find import find_recordings
from firmware_bridge.sources.un0rick_file import Un0rickUnreadable, is_un0rick, unpack


def frame_of(path):
    with open_file(path) as source:
        (frame,) = source.frames()
        return frame


def packed(samples):
    """A dump: each sample -512 to 511 in two bytes."""
    raised = np.asarray(samples) + 512
    return np.stack([128 | raised >> 7, raised & 127], axis=1).ravel()


@given(st.lists(st.integers(-512, 511), min_size=1, max_size=60))
def test_a_dump_is_unpacked_to_what_was_packed(samples):
    assert unpack(packed(samples).astype(np.uint8)).tolist() == samples


def test_a_stray_byte_before_a_sample_is_stepped_over():
    dump = np.array([129, *packed([3, -4])], np.uint8)
    assert unpack(dump).tolist() == [3, -4]


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


ECHO = np.zeros((4, 320))
ECHO[:, 100:108] = [0.9, -0.9] * 4
GOOD = {
    "x.npz": npz(signal=ECHO, t=np.arange(320) / 64, nblines=np.array(4)),
    "x.json": json.dumps({"firmware_md5": "0", "data": packed(np.round(ECHO[0] * 511).astype(int)).tolist()}).encode(),
    "x.csv": b"\n".join(b"%d" % byte for byte in packed(np.round(ECHO[0] * 511).astype(int))) + b"\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_an_echo_is_where_it_was(tmp_path, name):
    (tmp_path / name).write_bytes(GOOD[name])
    frame = frame_of(tmp_path / name)
    assert frame.pixels.shape == (20, 4 if name == "x.npz" else 1)
    assert frame.pixels[:, 0].argmax() == 104 // 16
    assert frame.settings.depth_mm == pytest.approx(320 * 1.54 / 2 / 64)


def lying(shape):
    """An archive whose array has a made-up header and no numbers."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("signal.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        archive.writestr("nblines.npy", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.npz", npz(signal=np.zeros((2, 4)), nblines=np.array(2))),
        ("x.npz", npz(signal=np.array([{"a": 1}], dtype=object), nblines=np.array(1))),
        ("x.npz", npz(signal=np.zeros((2, 100)), t=np.zeros(4), nblines=np.array(2))),
        ("x.npz", lying("(1, 999999999999)")),
        ("x.npz", lying("(1, 600000000)")),
        ("x.npz", lying("(")),
        ("x.json", b'{"firmware_md5": 0, "data": [300, 1]}'),
        ("x.json", b'{"firmware_md5": 0, "data": "no"}'),
        ("x.json", b'{"firmware_md5": 0, "timings": {"NLines": -3}, "data": [1, 2]}'),
        ("x.json", b'{"firmware_md5": ' + b"[" * 100_000),
    ],
)
def test_an_archive_that_lies_is_refused_by_name(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Un0rickUnreadable):
        frame_of(tmp_path / name)


def test_lines_are_separated_by_their_counter_and_a_cut_line_is_counted(tmp_path):
    samples = packed(np.zeros(100, int)).reshape(100, 2)
    lines = [samples + np.array([number % 4 << 5, 0]) for number in range(6)]
    dump = np.concatenate([*lines[:5], lines[5][:30]]).ravel()
    (tmp_path / "x.json").write_text(json.dumps({"firmware_md5": "0", "data": dump.tolist()}))
    with open_file(tmp_path / "x.json") as source:
        (frame,) = source.frames()
        assert frame.pixels.shape == (100 // 16, 5)
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("line-cut-short", 1)]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nblines.npy", b"")
        with archive.open("signal.npy", "w", force_zip64=True) as file:
            for _ in range(200):
                file.write(bytes(1_000_000))
    with pytest.raises(Un0rickUnreadable, match="announces"):
        frame_of(tmp_path / "x.npz")


def test_other_files_of_the_same_suffix_are_no_recordings(tmp_path):
    (tmp_path / "manifest.csv").write_text("file,label\na.mp4,1\n" * 9)
    (tmp_path / "notes.json").write_text('{"a": 1}')
    (tmp_path / "other.npz").write_bytes(npz(weights=np.zeros(3)))
    (tmp_path / "echo.json").write_bytes(GOOD["x.json"])
    found = find_recordings([tmp_path])
    assert [path.name for path in found.recordings] == ["echo.json"]
    assert sum(found.skipped.values()) == 3


@settings(max_examples=100)
@given(st.sampled_from(sorted(GOOD)), st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), max_size=5), st.integers(0, 9999))
def test_whatever_the_bytes_frames_or_an_error_of_ours(damaged, name, changes, end):
    path = damaged(name, GOOD[name], changes, end)
    with suppress(BridgeError):
        frame_of(path)


def test_the_makers_own_archives_are_read(data_folder):
    folder = data_folder / "rf_open_hw"
    archives = [*(folder / "un0rick").iterdir(), *(folder / "pyUn0-lib").iterdir()]
    assert len(archives) >= 11
    for path in archives:
        assert is_un0rick(path)
        frame = frame_of(path)
        assert frame.pixels.std() > 3
        assert frame.pixels.shape[0] > 200
    assert not is_un0rick(folder / "manifest.csv")
