import dataclasses

import numpy as np
import pytest
import simplejpeg

from firmware_bridge.errors import VersionMismatch
from firmware_bridge.frame import AcquisitionSettings, Geometry, Shape
from firmware_bridge.link.decoder import PAYLOAD_CRC, TRUNCATED, Decoder, Loss
from firmware_bridge.link.encoder import NO_FLAGS, encode
from firmware_bridge.link.header import Flags, Header
from firmware_bridge.link.messages import (
    ErrorReport,
    Event,
    FrameData,
    GeometryReport,
    Heartbeat,
    Hello,
    Message,
    PixelFormat,
    SetSettings,
    SettingsReport,
    Start,
    Status,
    Stop,
)
from firmware_bridge.link.reports import next_report
from firmware_bridge.link.session import (
    BEFORE_HELLO,
    PIXELS,
    REPORT_LOST,
    UNEXPECTED,
    Connected,
    EventReceived,
    FrameReceived,
    HostSession,
    Lost,
    ProbeError,
    SettingsReceived,
    StatusReceived,
    agree,
)

IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)
HELLO = Hello("SonoProbe", "2.1", "SP-1", ("grey8",))
GEOMETRY = Geometry(Shape.LINEAR, (0.2, 0.2))
SETTINGS = AcquisitionSettings(depth_mm=80.0)


def frame(number: int, flags: Flags = NO_FLAGS, reports: int = 0) -> bytes:
    return encode(FrameData(PixelFormat.GREY8, 6, 8, memoryview(IMAGE).cast("B"), reports), number, 1000 + number, flags)


def connected() -> HostSession:
    session = HostSession()
    session.start()
    list(session.receive(encode(HELLO), 1))
    return session


def sent(data: bytes) -> list[object]:
    return [item.body for item in Decoder().feed(data) if isinstance(item, Message)]


def as_version(message: bytes, version: int) -> bytes:
    header = Header.unpack(message)
    assert header is not None
    return dataclasses.replace(header, version=version).pack() + message[32:]


def test_a_start_is_answered_and_frames_carry_what_the_probe_reported():
    session = HostSession()
    assert sent(session.start()) == [Start((1,))]
    stream = encode(HELLO) + encode(GeometryReport(GEOMETRY)) + encode(SettingsReport(SETTINGS)) + frame(0, Flags.SIMULATED)
    hello, settings, received = session.receive(stream, 77)
    assert hello == Connected(HELLO, 1)
    assert settings == SettingsReceived(SETTINGS)
    assert isinstance(received, FrameReceived)
    assert not received.replay
    assert received.frame.simulated
    assert (received.frame.sequence, received.frame.captured_us, received.frame.received_ns) == (0, 1000, 77)
    assert (received.frame.geometry, received.frame.settings) == (GEOMETRY, SETTINGS)
    np.testing.assert_array_equal(received.frame.pixels, IMAGE)


def test_pixels_are_a_read_only_view_and_recorded_ones_are_marked():
    (received,) = connected().receive(frame(0, Flags.REPLAY), 2)
    assert isinstance(received, FrameReceived)
    assert received.replay
    assert not received.frame.simulated
    assert not received.frame.pixels.flags.writeable
    assert not received.frame.pixels.flags.owndata


def test_other_messages_of_the_probe_are_passed_on():
    status, event, error = Status(40.0, 80.0, 2), Event("button"), ErrorReport("hot", "The head is hot")
    stream = b"".join(map(encode, (status, Heartbeat(), event, error)))
    assert list(connected().receive(stream, 2)) == [StatusReceived(status), EventReceived(event), ProbeError(error)]


def test_frames_of_an_earlier_start_are_lost_until_the_hello():
    session = HostSession()
    session.start()
    lost, hello, received = session.receive(frame(41) + encode(HELLO) + frame(0), 1)
    assert lost == Lost(Loss(BEFORE_HELLO, len(frame(41)), 1))
    assert isinstance(hello, Connected)
    assert isinstance(received, FrameReceived)


@pytest.mark.parametrize("arrives", [(), (GeometryReport(GEOMETRY),), (SettingsReport(SETTINGS),)])
def test_frames_whose_reports_were_lost_are_lost_too_until_the_probe_begins_again(arrives):
    session = connected()
    reports = b"".join(map(encode, arrives))
    *_, lost = session.receive(reports + frame(0, reports=2), 2)
    assert lost == Lost(Loss(REPORT_LOST, len(frame(0)), 1))
    assert session.in_doubt
    assert sent(session.stream()) == [Start((1,))]
    again = encode(HELLO) + encode(GeometryReport(GEOMETRY)) + encode(SettingsReport(SETTINGS)) + frame(0, reports=2)
    *_, received = session.receive(again, 3)
    assert isinstance(received, FrameReceived)
    assert received.frame.geometry == GEOMETRY
    assert not session.in_doubt


def test_a_probe_that_counts_no_reports_is_believed():
    session = connected()
    *_, received = session.receive(encode(GeometryReport(GEOMETRY)) + frame(0), 2)
    assert isinstance(received, FrameReceived)
    assert not session.in_doubt


def test_reports_are_counted_past_the_largest_number_without_a_zero():
    assert [next_report(count) for count in (0, 1, 65534, 65535)] == [1, 2, 65535, 1]


def test_a_new_start_needs_a_new_hello_and_forgets_geometry_and_settings():
    session = connected()
    list(session.receive(encode(GeometryReport(GEOMETRY)) + encode(SettingsReport(SETTINGS)) + frame(0)[:50], 2))
    session.start()
    truncated, stale = session.receive(frame(1), 3)
    assert truncated == Lost(Loss(TRUNCATED, 50, 1))
    assert isinstance(stale, Lost)
    hello, received = session.receive(encode(HELLO) + frame(0), 4)
    assert isinstance(hello, Connected)
    assert isinstance(received, FrameReceived)
    assert (received.frame.geometry, received.frame.settings) == (Geometry(), AcquisitionSettings())


def test_heartbeats_ask_for_a_hello_until_there_is_one():
    session = HostSession()
    assert sent(session.heartbeat()) == [Start()]
    list(session.receive(encode(HELLO), 1))
    assert sent(session.heartbeat()) == [Heartbeat()]


def test_a_greeting_asks_for_no_frames_until_the_stream_is_asked_for():
    session = HostSession()
    assert [sent(session.greet()), sent(session.heartbeat())] == [[Start(frames=0)]] * 2
    list(session.receive(encode(HELLO) + frame(0)[:50], 1))
    assert (sent(session.stop()), sent(session.stream())) == ([Stop()], [Start()])
    received, hello = session.receive(frame(0)[50:] + encode(HELLO), 2)
    assert isinstance(received, FrameReceived), "the frame that was on its way is whole"
    assert isinstance(hello, Connected)


def test_a_hello_that_half_a_frame_had_swallowed_is_found_by_the_next_heartbeat():
    session = HostSession()
    session.start()
    long = encode(FrameData(PixelFormat.GREY8, 480, 640, memoryview(bytes(480 * 640))), 9)
    assert list(session.receive(long[:5000] + encode(HELLO), 1)) == []
    session.heartbeat()
    assert Connected(HELLO, 1) in list(session.receive(b"", 2))


def test_requests_are_messages_for_the_probe():
    session = connected()
    assert sent(session.request(SETTINGS)) == [SetSettings(SETTINGS)]
    assert sent(session.stop()) == [Stop()]


def test_the_highest_common_version_is_agreed_on():
    assert agree((1, 2, 3), (2, 3, 4)) == 3


@pytest.mark.parametrize(("theirs", "ours", "fix"), [((1,), (2, 3), "Update the probe's firmware"), ((2, 3), (1,), "Update the appliance")])
def test_without_a_common_version_the_older_end_is_the_one_to_update(theirs, ours, fix):
    with pytest.raises(VersionMismatch, match="SonoLink") as caught:
        agree(theirs, ours)
    assert caught.value.fix == fix


def test_a_probe_that_offers_only_other_versions_is_a_mismatch():
    with pytest.raises(VersionMismatch, match="the probe uses SonoLink 2, 3 and this appliance uses 1"):
        list(HostSession().receive(encode(dataclasses.replace(HELLO, versions=(3, 2))), 1))


def test_a_hello_written_in_another_version_is_a_mismatch():
    with pytest.raises(VersionMismatch, match="the probe uses SonoLink 2 and this appliance uses 1"):
        list(HostSession().receive(as_version(encode(HELLO), 2), 1))


def test_a_probe_that_leaves_the_agreed_version_is_a_mismatch():
    session = connected()
    with pytest.raises(VersionMismatch):
        list(session.receive(as_version(frame(0), 2), 1))


def test_another_versions_frames_from_before_the_hello_are_only_lost():
    (lost,) = HostSession().receive(as_version(frame(7), 2), 1)
    assert lost == Lost(Loss(UNEXPECTED, len(frame(7)), 0))


def test_messages_that_no_probe_may_send_are_counted():
    echo = encode(Start())
    unknown = Header(1, 0x1F, Flags(0), 0, 0, 0, 0).pack()
    assert list(connected().receive(echo + unknown, 2)) == [Lost(Loss(UNEXPECTED, len(echo), 0)), Lost(Loss(UNEXPECTED, 32, 0))]


def test_the_decoders_losses_are_passed_on():
    broken = frame(0)[:-1] + b"\xff"
    lost, received = connected().receive(broken + frame(1), 2)
    assert lost == Lost(Loss(PAYLOAD_CRC, len(broken), 1))
    assert isinstance(received, FrameReceived)


def jpeg(image: np.ndarray, rows: int = 32, columns: int = 40, cut: int = 0) -> bytes:
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(image[:, :, None]), quality=98, colorspace="GRAY")
    return encode(FrameData(PixelFormat.JPEG, rows, columns, memoryview(data[: len(data) - cut])))


def test_a_jpeg_becomes_grey_pixels():
    image = np.add.outer(np.arange(32), np.arange(40)).astype(np.uint8) * 3
    (received,) = connected().receive(jpeg(image), 2)
    assert isinstance(received, FrameReceived)
    assert received.frame.pixels.shape == (32, 40)
    assert np.abs(received.frame.pixels.astype(int) - image).max() <= 4


@pytest.mark.parametrize("message", [jpeg(IMAGE), jpeg(np.zeros((32, 40), np.uint8), cut=9), jpeg(np.zeros((32, 40), np.uint8), cut=200)])
def test_a_broken_jpeg_is_a_lost_frame(message):
    assert list(connected().receive(message, 2)) == [Lost(Loss(PIXELS, len(message), 1))]


def test_beam_lines_without_a_geometry_are_a_lost_frame():
    lines = encode(FrameData(PixelFormat.LINES_U8, 16, 64, memoryview(bytes(16 * 64))))
    assert list(connected().receive(lines, 2)) == [Lost(Loss(PIXELS, len(lines), 1))]
