"""An OpenIGTLink server as a source: `igtl://host:18944?device=NAME`, such as PLUS with any scanner behind it, or 3D Slicer.

The first STATUS that we send has version 2, because Slicer and PLUS use version 1 until they receive a higher one. A far end that
disappears without closing the connection is noticed within two seconds: TCP gives up after one second without an acknowledgement, and
a GET_STATUS each quarter of a second makes sure that there are data to acknowledge. A server without images is not a fault: the
connection stays open, and the page states that no frames arrive. Names of patients (IMGMETA) are skipped.
"""

import errno
import socket
import time

import numpy as np

from firmware_bridge.errors import BridgeError, NoChecksum, ProbeUnplugged, SourceAbsent, SourceUnknown
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Grey
from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.encoder import encode, encode_query
from firmware_bridge.igtl.header import PORT
from firmware_bridge.igtl.image import Image
from firmware_bridge.igtl.messages import Message, Other, Status
from firmware_bridge.igtl.simulated import APPLIANCE, device_of, is_simulated, machine_of
from firmware_bridge.link.session import UNEXPECTED
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.line import Line
from firmware_bridge.sources.live import LiveSource
from firmware_bridge.sources.url import SourceUrl

CONNECT_S = 3.0
ASK_EVERY_S = 0.25
UNACKNOWLEDGED_MS = 1000
KEEP_ALIVE = {socket.TCP_KEEPIDLE: 1, socket.TCP_KEEPINTVL: 1, socket.TCP_KEEPCNT: 1, socket.TCP_USER_TIMEOUT: UNACKNOWLEDGED_MS}
QUIET_S = 3600.0
"""A server without images is quiet, not lost; TCP reports a lost server."""
GONE = {errno.ETIMEDOUT: "stopped answering", errno.ECONNRESET: "ended the connection", errno.EPIPE: "ended the connection"}
QUERIES = ("GET_", "STT_", "STP_", "RTS_")


def open_igtl(url: SourceUrl) -> "IgtlSource":
    """Connects.

    Raises:
        SourceUnknown: the URL names no host, or a wrong port.
        SourceAbsent: no server listens there.
    """
    url.allow("device")
    host, _, port = url.host.rpartition(":") if ":" in url.host and not url.host.endswith("]") else (url.host, "", "")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)) or url.path not in ("", "/"):
        raise SourceUnknown(f"'{url.text}' names no host and port", f"Write igtl://host:{PORT}")
    place = host.strip("[]"), int(port or PORT)
    try:
        connection = socket.create_connection(place, CONNECT_S)
    except OSError as error:
        why = "does not answer" if isinstance(error, TimeoutError) else error.strerror or error
        raise SourceAbsent(f"no OpenIGTLink server at {place[0]}:{place[1]} ({why})", "Start it, and check its address and port") from error
    for option, value in KEEP_ALIVE.items():
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return IgtlSource(connection, url.text, f"{place[0]}:{place[1]}", url.options.get("device", ""))


class SenderClock:
    """The time of each image: what its message states, or its arrival where that is nothing: 0, or the time of the image before it."""

    def __init__(self) -> None:
        self._stated_us = 0
        self._ahead_us = (time.time_ns() - time.monotonic_ns()) // 1000
        """The sender's clock minus the clock of arrivals, as the last stated time has it; until then, the appliance's."""

    def at_us(self, stated_us: int, received_ns: int) -> int:
        arrived_us = received_ns // 1000
        if stated_us not in (0, self._stated_us):
            self._stated_us, self._ahead_us = stated_us, stated_us - arrived_us
        return self._ahead_us + arrived_us


class IgtlSource(LiveSource):
    """A connection to a server. If `device` is named, images of other devices are ignored."""

    silence_s = QUIET_S

    def __init__(self, connection: socket.socket, url: str, place: str, device: str) -> None:
        super().__init__(Line(connection.fileno(), connection.close), url, place)
        self._device = device
        self._decoder = Decoder()
        self._shown: Grey | None = None
        self._count = 0
        self._name = device
        self._asked_s = 0.0
        self._simulated = False
        self._machine = Machine.named(device)
        self._clock = SenderClock()
        self._damage = DamageWatch(f"the OpenIGTLink server at {place}", "Check the program that sends them, or name another ?device=")
        self._send_bytes(encode(Status(text="SonoEdge is here"), APPLIANCE, version=2))

    @property
    def info(self) -> SourceInfo:
        name, simulated = self._name or self._place, self._simulated
        return SourceInfo(self._url, name, Origin.LIVE, self._name, of_simulation=simulated, machine=self._machine)

    @property
    def notice(self) -> BridgeError | None:
        """A current fault of the server while its messages still arrive."""
        if (notice := super().notice) is not None or not self._decoder.unchecked:
            return notice
        what = f"the OpenIGTLink server at {self._place} sends no checksums, so that a damaged image cannot be noticed"
        return NoChecksum(what, "Switch its CRC check on")

    def _receive(self, wait_s: float) -> memoryview:
        """Reads directly into the decoder's buffer, where the image stays."""
        room = self._decoder.room()
        return room[: self._line.receive_into(room, wait_s)]

    def _understand(self, data: bytes | memoryview, received_ns: int) -> bool:
        received = False
        for item in self._decoder.took(len(data)):
            if isinstance(item, Message):
                received = True
                self._take(item, received_ns)
            else:
                self._lose(item.cause, item.frames, item.why)
        return received or self._decoder.in_message

    def _take(self, message: Message, received_ns: int) -> None:
        """Gives an image; other messages do not change the frame (a transform places the probe in the room)."""
        body, header = message.body, message.header
        if isinstance(body, Other) and not header.type.startswith(QUERIES):
            self._lose(UNEXPECTED, 0)
        if not isinstance(body, Image) or self._device not in ("", header.device, device_of(header)):
            return
        if self._name != device_of(header):
            self._shown = None
        self._name, self._simulated, self._machine = device_of(header), is_simulated(message), machine_of(message)
        geometry = Geometry(mm_per_px=body.mm_per_px)
        at_us = self._clock.at_us(header.time_us, received_ns)
        image = self._whole(body)
        self._give(Frame(image, self._count, at_us, received_ns, geometry, simulated=self._simulated, machine=self._machine))
        self._count += 1

    def _whole(self, image: Image) -> Grey:
        """The whole image; a part replaces its area in the previous image."""
        grey = image.grey
        if not image.whole:
            columns, rows = image.size
            column, row = image.offset
            begun = self._shown is not None and self._shown.shape == (rows, columns)
            canvas = np.array(self._shown) if begun else np.zeros((rows, columns), np.uint8)
            canvas[row : row + grey.shape[0], column : column + grey.shape[1]] = grey
            grey = canvas
        self._shown = grey
        return grey

    def _beat(self, now_s: float) -> None:
        if now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            self._send_bytes(encode_query("GET_STATUS", APPLIANCE))

    def _lost_error(self, error: OSError) -> ProbeUnplugged:
        why = GONE.get(error.errno or 0, "ended the connection")
        return ProbeUnplugged(f"the OpenIGTLink server at {self._place} {why}", "Check that it runs, and check the network to it")

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:  # noqa: ARG002 - the protocol has no message for it
        """Returns unknown settings: OpenIGTLink cannot set a scanner."""
        return AcquisitionSettings()
