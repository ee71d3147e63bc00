"""Raw files made here from the format's own text."""

import io
import struct
import tarfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.errors import BridgeError, SourceUnknown
from firmware_bridge.sources.clarius import ClariusUnreadable
from firmware_bridge.sources.find import find_recordings
from firmware_bridge.sources.url import open_source

LINES, SAMPLES = 6, 20
ENVELOPE = np.random.default_rng(2).integers(0, 256, (3, LINES, SAMPLES), np.uint8)
PULSE = (3000 * np.exp(-(((np.arange(64) - 30) / 6.0) ** 2)) * np.cos(np.arange(64) * np.pi / 4)).astype("<i2")


def raw(frames, sample_bytes=1, head=None, times=None):
    count, lines, samples = len(frames), frames[0].shape[0], frames[0].nbytes // frames[0].shape[0] // sample_bytes
    times = times or [5_000_000_000 + number * 50_000_000 for number in range(count)]
    body = b"".join(struct.pack("<Q", time) + frame.tobytes() for time, frame in zip(times, frames, strict=True))
    return struct.pack("<5I", *(head or (7, count, lines, samples, sample_bytes))) + body


def tar(**files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def frames_of(tmp_path):
    def read(name, data, scheme="clarius-raw"):
        (tmp_path / name).write_bytes(data)
        with open_source((tmp_path / name).as_uri().replace("file", scheme, 1)) as source:
            return list(source.frames()), {loss.cause: loss.frames for loss in source.losses}

    return read


def test_an_envelope_is_shown_as_it_is_at_its_own_times(frames_of):
    frames, losses = frames_of("exam_env.raw", raw(ENVELOPE))
    assert [frame.captured_us for frame in frames] == [0, 50_000, 100_000]
    for frame, lines in zip(frames, ENVELOPE, strict=True):
        assert np.array_equal(frame.pixels, lines.T)
    assert losses == {}


def test_rf_and_iq_show_the_pulse_where_it_is(frames_of):
    rf = np.stack([PULSE] * LINES)
    iq = np.zeros((LINES, 64, 2), "<i2")
    iq[:, 30] = [3000, 4000]
    for name, data in (("x_rf.raw", raw([rf], 2)), ("x_iq.raw", raw([iq.reshape(LINES, -1)], 4))):
        (frame,), _ = frames_of(name, data)
        assert frame.pixels.shape == (64, LINES)
        assert abs(int(frame.pixels[:, 2].argmax()) - 30) <= 1
        assert frame.pixels.max() == 255


def test_an_archive_is_read_without_unpacking_and_prefers_the_envelope(frames_of):
    data = tar(**{"a_rf.raw": raw([np.stack([PULSE] * LINES)], 2), "a_env.raw": raw(ENVELOPE), "a_env.yml": b"probe: C3"})
    for scheme in ("clarius-raw", "file"):
        frames, _ = frames_of("exam.tar", data, scheme)
        assert len(frames) == 3


YML = b"""# raw data parameters

frames: 3
imaging depth: 40 mm
focal depth: 20.5 mm
transmit frequency: 10 MHz
size: {samples per line: 20, number of lines: 6, sample size: 1 bytes}
"""


def test_settings_come_from_the_sidecar(frames_of, tmp_path):
    (tmp_path / "exam_env.yml").write_bytes(YML)
    beside = frames_of("exam_env.raw", raw(ENVELOPE))[0][0].settings
    inside = frames_of("exam.tar", tar(**{"1/a_env.raw": raw(ENVELOPE), "1/a_env.yml": YML, "a_env.yml": b"imaging depth: 9 mm"}))[0][
        0
    ].settings
    assert beside == inside
    assert (beside.depth_mm, beside.focus_mm, beside.frequency_mhz) == (40, 20.5, 10)


@pytest.mark.parametrize("stated", [b"", b"imaging depth: 0 mm", b"imaging depth: 1e999 mm", b"imaging depth: 40 MHz", b"\xff" * 99])
def test_settings_that_say_nothing_are_not_known(frames_of, stated):
    (frame, *_), _ = frames_of("exam.tar", tar(**{"a_env.raw": raw(ENVELOPE), "a_env.yml": stated}))
    assert frame.settings.depth_mm is None


def test_a_raw_file_is_recognised_by_its_header_and_size(frames_of, tmp_path):
    assert len(frames_of("exam_env.raw", raw(ENVELOPE), "file")[0]) == 3
    (tmp_path / "pixels.raw").write_bytes(bytes(4000))
    (tmp_path / "cut_env.raw").write_bytes(raw(ENVELOPE)[:-1])
    found = find_recordings([tmp_path])
    assert [path.name for path in found.recordings] == ["exam_env.raw"]


def test_an_archive_with_a_hole_in_it_is_refused(frames_of, tmp_path):
    """A sparse member announces more than the archive holds."""
    member = tarfile.TarInfo("x_env.raw")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 512
    with pytest.raises(ClariusUnreadable):
        frames_of("x.tar", member.tobuf(tarfile.GNU_FORMAT) + bytes(2048))


@pytest.mark.parametrize("name", ["../x_env.raw", "/etc/x_env.raw", "a/../../x_env.raw"])
def test_names_that_lead_outside_the_archive_are_refused(frames_of, name):
    with pytest.raises(ClariusUnreadable, match="outside the archive"):
        frames_of("exam.tar", tar(**{name: raw(ENVELOPE)}))


def test_lzo_says_how_to_unpack_it(frames_of):
    with pytest.raises(ClariusUnreadable, match="lzop -d"):
        frames_of("exam_env.raw.lzo", b"\x89LZO")
    with pytest.raises(ClariusUnreadable, match="lzop -d"):
        frames_of("exam.tar", tar(**{"exam_env.raw.lzo": b"\x89LZO"}))


@pytest.mark.parametrize(
    "head",
    [(0, 0, 6, 20, 1), (0, 3, 0, 20, 1), (0, 3, 6, 2**32 - 1, 1), (0, 2**32 - 1, 65536, 65536, 4), (0, 3, 6, 20, 3), (0, 3, 6, 2000, 1)],
)
def test_a_header_that_lies_is_refused_by_name(frames_of, head):
    with pytest.raises(ClariusUnreadable):
        frames_of("exam.raw", raw(ENVELOPE, head=head))


def test_what_was_cut_off_is_counted(frames_of):
    frames, losses = frames_of("exam.raw", raw(ENVELOPE)[:-1])
    assert (len(frames), losses) == (2, {"missing": 1})


def test_times_that_make_no_sense_are_replaced(frames_of):
    frames, _ = frames_of("exam.raw", raw(ENVELOPE, times=[9, 2**64 - 1, 3]))
    assert [frame.captured_us for frame in frames] == [0, 40_000, 80_000]


def test_the_name_and_the_size_of_a_sample_must_agree(frames_of):
    with pytest.raises(ClariusUnreadable, match="bytes per sample"):
        frames_of("exam_iq.raw", raw(ENVELOPE))


def test_an_option_that_it_has_not_is_refused(tmp_path):
    with pytest.raises(SourceUnknown):
        open_source(f"clarius-raw://{tmp_path}/x.raw?speed=2")


GOOD = {"x_env.raw": raw(ENVELOPE), "x.tar": tar(**{"x_env.raw": raw(ENVELOPE)})}


@settings(max_examples=100)
@given(st.sampled_from(sorted(GOOD)), st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), max_size=6), st.integers(0, 99_999))
def test_whatever_the_bytes_frames_or_an_error_of_ours(damaged, name, changes, end):
    path = damaged(name, GOOD[name], changes, end)
    with suppress(BridgeError), open_source(path.as_uri().replace("file", "clarius-raw", 1)) as source:
        list(source.frames())
