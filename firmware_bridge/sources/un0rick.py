"""An un0rick as a source: `un0rick://?lines=32&gain=100-900`, or `un0rick://ftdi://ftdi:2232h/2` if there are several.

Each acquisition is one image: its lines side by side; each row shows the strongest of sixteen samples. It was tested with a board in
software that has the registers; pyftdi handles the FTDI chip itself (an FT2232H, channel B, SPI mode 0 at 8 MHz).
"""

import threading
import time
from collections.abc import Callable, Iterator

from firmware_bridge.errors import BridgeError, SourceAbsent, SourceDenied, SourceUnknown
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Shape
from firmware_bridge.scan.sound import depth_mm
from firmware_bridge.sources.base import Closing, Origin, SourceInfo, SourceLoss
from firmware_bridge.sources.un0rick_file import MACHINE, grey_of
from firmware_bridge.sources.url import SourceUrl
from firmware_bridge.un0rick.board import LINE_SAMPLES, LINES_MOST, SAMPLE_MHZ, Board, Bus, gain_ramp

DEVICE = "ftdi://ftdi:2232h/2"
CLOCK_HZ = 8_000_000
SETTINGS = AcquisitionSettings(depth_mm=depth_mm(LINE_SAMPLES, SAMPLE_MHZ))


def open_un0rick_url(url: SourceUrl) -> "Un0rickSource":
    """Opens the board and sets it up.

    Raises:
        SourceUnknown: an option out of range.
        SourceAbsent, SourceDenied: no board, no libusb, or no right to use it.
        Un0rickRefused: the device is not an un0rick.
    """
    url.allow("lines", "gain")
    lines, first, last = url.number("lines", LINES_MOST), *_gains(url)
    if not (1 <= lines <= LINES_MOST and lines == int(lines)):
        raise SourceUnknown(f"'{url.text}': {lines:g} lines are not possible", f"Write lines=1 to lines={LINES_MOST}")
    bus, close = open_bus(url.text.removeprefix("un0rick://").partition("?")[0] or DEVICE)
    return Un0rickSource(Board(bus), close, url.text, int(lines), gain_ramp(first, last))


def _gains(url: SourceUrl) -> tuple[int, int]:
    first, _, last = url.options.get("gain", "100-900").partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) < 1024 and int(last) < 1024):
        raise SourceUnknown(f"'{url.text}': gain={url.options.get('gain')} is not valid", "Write gain=FIRST-LAST, each from 0 to 1023")
    return int(first), int(last)


def open_bus(device: str) -> tuple[Bus, Callable[[], None]]:
    """The SPI bus of an FTDI chip, and the function that closes it.

    Raises:
        SourceAbsent, SourceDenied.
    """
    from pyftdi.spi import SpiController  # noqa: PLC0415 - loads libusb, which only this source needs

    controller = SpiController()
    try:
        controller.configure(device, frequency=CLOCK_HZ)
        port = controller.get_port(cs=0, freq=CLOCK_HZ, mode=0)
    except Exception as error:  # pyftdi and pyusb raise many kinds of errors: no libusb, no device, no right
        if "ccess" in str(error) or "ermission" in str(error):
            raise SourceDenied(
                f"this user is not allowed to open {device} ({error})", "Install the udev rules, then plug the board in again"
            ) from error
        raise SourceAbsent(f"no un0rick at {device} ({error})", "Plug it in; it needs the package libusb-1.0-0") from error
    bus: Bus = port
    return bus, controller.terminate


class Un0rickSource(Closing):
    """A board that acquires image after image."""

    notice: BridgeError | None = None
    losses: tuple[SourceLoss, ...] = ()

    def __init__(self, board: Board, close: Callable[[], None], url: str, lines: int, gains: list[int]) -> None:
        self._board = board
        self._hang_up = close
        self._lines = lines
        self._closed = threading.Event()
        self._busy = threading.Lock()
        try:
            author, version = board.identity()
            board.set_up(lines, gains)
        except BaseException:
            close()
            raise
        self.info = SourceInfo(url, "un0rick", Origin.LIVE, "un0rick", f"{author}.{version}", machine=MACHINE)

    def frames(self) -> Iterator[Frame]:
        """One image from each acquisition.

        Raises:
            SourceLost: the board stopped answering.
        """
        number, begun_ns = 0, time.monotonic_ns()
        while not self._closed.is_set():
            with self._busy:
                if self._closed.is_set():
                    return
                lines = self._board.acquire(self._lines)
            now_ns = time.monotonic_ns()
            yield Frame(grey_of(lines), number, (now_ns - begun_ns) // 1000, now_ns, Geometry(Shape.LINEAR), SETTINGS, machine=MACHINE)
            number += 1

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:  # noqa: ARG002 - its gains are converter values, not decibels
        return SETTINGS

    def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            with self._busy:
                self._hang_up()
