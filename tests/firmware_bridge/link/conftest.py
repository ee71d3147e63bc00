"""One example of every message that the link knows."""

import pytest

from firmware_bridge.frame import AcquisitionSettings, Geometry, Shape
from firmware_bridge.link.messages import (
    ErrorReport,
    Event,
    FrameData,
    GeometryReport,
    Heartbeat,
    Hello,
    Payload,
    PixelFormat,
    SetSettings,
    SettingsReport,
    Start,
    Status,
    Stop,
)

SETTINGS = AcquisitionSettings(depth_mm=120.0, gain_db=-3.5, frequency_mhz=3.5, focus_mm=60.0, mechanical_index=0.7, preset="lung")

EXAMPLES: tuple[Payload, ...] = (
    Hello("SonoProbe C5", "2.1.0", "SP-0042", ("grey8", "jpeg"), (1, 2), replaying="patient 1.mp4"),
    GeometryReport(Geometry(Shape.CURVILINEAR, (0.3, 0.31), (175.0, -40.5), (60.0, 180.0), (-30.0, 30.0))),
    GeometryReport(Geometry()),
    SettingsReport(SETTINGS),
    SetSettings(AcquisitionSettings(gain_db=6.0)),
    FrameData(PixelFormat.GREY8, 3, 4, memoryview(bytes(range(12)))),
    FrameData(PixelFormat.JPEG, 480, 640, memoryview(b"\xff\xd8...\xff\xd9")),
    FrameData(PixelFormat.LINES_U8, 2, 5, memoryview(bytes(10))),
    FrameData(PixelFormat.LINES_S16, 2, 5, memoryview(bytes(20))),
    Event("button"),
    Status(36.5, None, 7),
    Heartbeat(),
    Start((1, 3)),
    Start((1,), frames=0),
    Stop(),
    ErrorReport("overheated", "The head is at 44 °C; imaging is paused"),
)


@pytest.fixture(params=EXAMPLES, ids=lambda body: type(body).__name__)
def example(request: pytest.FixtureRequest) -> Payload:
    return request.param
