"""What turns packets into frames, on real streams that FFmpeg made here; and the kernel's structs, byte by byte."""

import io
import struct
from collections import Counter
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest
from PIL import Image

from firmware_bridge.errors import SourceAbsent, SourceUnknown, SourceUnreadable
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.url import open_source
from firmware_bridge.sources.v4l2 import Grabs, V4l2Source
from firmware_bridge.sources.v4l2_node import ask_format, read_capability, read_format

RATE = 25


def stream(path, codec, pix_fmt, skip=(), damage=()):
    """Ten images of 64x48, the number of each as its grey; some left out, some damaged as a loose cable does."""
    with av.open(str(path), "w", format="avi" if codec == "mjpeg" else "nut") as out:
        video = out.add_stream(codec, rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, pix_fmt
        video.time_base = Fraction(1, RATE)
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64), 20 * number, np.uint8), format="gray").reformat(format=pix_fmt)
            frame.pts = number
            for packet in video.encode(frame):
                if number in skip:
                    continue
                if number in damage:
                    broken = av.Packet(bytes(packet)[: packet.size // 2])
                    broken.pts, broken.dts, broken.time_base, broken.stream = packet.pts, packet.dts, packet.time_base, packet.stream
                    out.mux(broken)
                else:
                    out.mux(packet)
    return av.open(str(path))


def read(container):
    info = SourceInfo("v4l2:///dev/video0", "grabber", Origin.LIVE)
    frames = []
    with V4l2Source(container, info, "/dev/video0") as source:
        for frame in source.frames():
            frames.append(frame)
            if frame.captured_us >= 9 * 40_000:
                break
        return frames, {loss.cause: loss.frames for loss in source.losses}


@pytest.mark.parametrize(("codec", "pix_fmt"), [("mjpeg", "yuvj422p"), ("rawvideo", "yuyv422")])
def test_every_image_comes_in_grey_at_its_time(tmp_path, codec, pix_fmt):
    frames, losses = read(stream(tmp_path / "x", codec, pix_fmt))
    assert [frame.captured_us for frame in frames] == [40_000 * number for number in range(10)]
    for number, frame in enumerate(frames):
        assert frame.pixels.shape == (48, 64)
        assert np.abs(frame.pixels.astype(int) - 20 * number).max() <= 3
    assert losses == {}


def test_a_damaged_jpeg_is_dropped_and_counted_and_the_next_is_shown(tmp_path):
    frames, losses = read(stream(tmp_path / "x", "mjpeg", "yuvj422p", damage=(4, 6)))
    assert len(frames) == 8
    assert losses == {"damaged": 2}


def parts(jpeg, container):
    """The buffers of a grabber as packets of an open stream."""
    for number, data in enumerate(jpeg):
        packet = av.Packet(data)
        packet.stream, packet.time_base = container.streams.video[0], Fraction(1, RATE)
        packet.pts = packet.dts = number
        yield packet


@pytest.fixture
def grabbed(tmp_path):
    """(images, losses) of a grabber that gives these buffers."""

    def take(*buffers):
        lost = Counter()
        with stream(tmp_path / "x", "mjpeg", "yuvj422p") as container:
            grabs = Grabs(container.streams.video[0], lambda cause, frames: lost.update({cause: frames}))
            return [image for packet in parts(buffers, container) for image, _ in grabs.take(packet)], dict(lost)

    return take


def jpeg(seed=0, **options):
    speckle = np.random.default_rng(seed).integers(0, 256, (48, 64), np.uint8)
    file = io.BytesIO()
    Image.fromarray(speckle).convert("RGB").save(file, "JPEG", quality=90, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "tail", [b"", bytes(700), b"\xff" * 6, bytes(range(1, 17)), b"\xff\xd8\xff\xe0 begins again", jpeg(9), jpeg(9)[200:900]]
)
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("restarts", [0, 1])
def test_what_lies_behind_the_image_is_not_the_images(grabbed, tail, marked, restarts):
    whole = [jpeg(number, restart_marker_rows=restarts) for number in range(3)]
    images, losses = grabbed(*((data if marked else data[:-2]) + tail for data in whole))
    wanted, _ = grabbed(*whole)
    assert all(np.array_equal(image, want) for image, want in zip(images, wanted, strict=True))
    assert losses == {}


@pytest.mark.parametrize(
    "damaged",
    [
        jpeg()[: len(jpeg()) // 2],
        jpeg()[:-400],
        jpeg()[:1500] + jpeg()[1900:],
        jpeg()[:1500] + bytes(400) + jpeg()[1900:],
        b"no image",
        b"",
    ],
)
def test_an_image_without_all_its_rows_is_damaged_wherever_it_ends(grabbed, damaged):
    images, losses = grabbed(jpeg(1), damaged, jpeg(2))
    assert len(images) == 2
    assert losses == {"damaged": 1}


def test_a_grabber_that_gives_only_damaged_images_says_so(tmp_path, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("firmware_bridge.sources.v4l2.DamageWatch", partial(DamageWatch, clock=lambda: next(clock)))
    with V4l2Source(
        stream(tmp_path / "x", "mjpeg", "yuvj422p", damage=range(10)), SourceInfo("x", "x", Origin.LIVE), "/dev/video0"
    ) as source:
        assert source.notice is None
        for _ in range(10):
            assert source._next() == []
        notice = source.notice
    assert notice.code == "probe-damaged"
    assert "/dev/video0 gives only damaged frames: none of 10" in notice.what


def test_images_that_never_came_are_counted_by_the_drivers_times(tmp_path):
    frames, losses = read(stream(tmp_path / "x", "rawvideo", "yuyv422", skip=(5, 6)))
    assert len(frames) == 8
    assert losses == {"sequence-gap": 2}


def test_closing_ends_the_frames(tmp_path):
    source = V4l2Source(stream(tmp_path / "x", "rawvideo", "yuyv422"), SourceInfo("x", "x", Origin.LIVE), "x")
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert next(frames, None) is None


def capability(all_caps, node_caps):
    return struct.pack("=16s32s32sIII12x", b"uvcvideo", b"Grabber: HDMI", b"usb-1", 0x060C00, all_caps, node_caps)


@pytest.mark.parametrize(
    ("all_caps", "node_caps", "captures"),
    [(0x84A00001, 0x04200001, True), (0x84A00001, 0x04A00000, False), (0x04000001, 0, True), (0x00000001, 0, False)],
)
def test_a_node_that_carries_metadata_only_captures_nothing(all_caps, node_caps, captures):
    stated = capability(all_caps, node_caps)
    assert len(stated) == 104
    assert read_capability(stated).captures is captures
    assert (read_capability(stated).driver, read_capability(stated).card) == ("uvcvideo", "Grabber: HDMI")


@pytest.mark.parametrize(("number", "name"), [(1448695129, "YUYV"), (1196444237, "MJPG")])
def test_a_format_is_named_by_its_four_letters(number, name):
    asked = ask_format(3)
    assert (len(asked), asked[:8].hex()) == (64, "0300000001000000")
    asked[44:48] = number.to_bytes(4, "little")
    assert read_format(bytes(asked)) == name


def test_an_absent_node_or_another_device_is_refused(tmp_path):
    with pytest.raises(SourceAbsent, match="probe list"):
        open_source("v4l2:///dev/video99")
    (tmp_path / "x").write_text("")
    with pytest.raises(SourceUnreadable, match="cannot be opened"):
        open_source(f"v4l2://{tmp_path / 'x'}")


@pytest.mark.parametrize("options", ["size=big", "fps=0", "fps=x", "format=h264", "gain=1"])
def test_an_option_that_it_has_not_is_refused(options):
    with pytest.raises(SourceUnknown):
        open_source(f"v4l2:///dev/video0?{options}")
