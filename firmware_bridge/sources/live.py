"""The common part of every source on a live stream of bytes: frames as they arrive, losses by cause, silence, an end."""

import time
from abc import abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from firmware_bridge.errors import BridgeError, ProbeFlooding, ProbeGarbled, ProbeSilent, ProbeUnplugged, SourceLost
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.link import decoder, session
from firmware_bridge.sources.base import Closing, SourceInfo, SourceLoss
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.line import Line

SILENCE_S = 3.0
"""After this time without a valid message the probe counts as lost."""
TURN_S = 0.25
"""The longest wait for bytes in one turn: messages from this end are at most this late."""
FLOOD_RATE, FLOOD_BURST = 240.0, 60
"""The highest frame rate that is passed on in the long run, and the largest burst; no probe images faster."""
FLOOD = "flood"
FLOOD_SHOWN_S = 2.0
CAUSES = {**decoder.CAUSES, **session.CAUSES}


class LiveSource(Closing):
    """One thread takes `frames()`; another may call `apply` and `close`.

    A kind of source decodes its bytes (`_understand`), sends what the peer needs (`_beat`), and states its last bytes (`_farewell`).
    """

    silence_s = SILENCE_S
    _holds_back = False
    """True while the frames that arrive may belong to an earlier stream."""

    def __init__(self, line: Line, url: str, place: str) -> None:
        """`place` is the peer's path, or its host and port, for messages."""
        self._line = line
        self._url = url
        self._place = place
        self._frames: deque[Frame] = deque()
        self._losses: dict[str, int] = {}
        self._ended = False
        self._streaming = False
        self._message_s = self._bytes_s = time.monotonic()
        self._tokens, self._tokens_s = float(FLOOD_BURST), self._message_s
        self._flooded_s = float("-inf")
        self._damage = DamageWatch(f"the probe at {place}", "Check its cable, and that it and this appliance are up to date")

    @property
    @abstractmethod
    def info(self) -> SourceInfo: ...

    def _receive(self, wait_s: float) -> bytes | memoryview:
        """Waits for bytes and takes the available ones."""
        return self._line.receive(wait_s)

    @abstractmethod
    def _understand(self, data: bytes | memoryview, received_ns: int) -> bool:
        """Takes bytes: frames go to `_give`, losses to `_lose`. True if they completed a valid message."""

    @abstractmethod
    def _beat(self, now_s: float) -> None:
        """Sends what is due by the monotonic clock; called several times a second."""

    def _begin_stream(self) -> None:
        """Asks the peer to stream, if it waits for that."""

    def _farewell(self) -> bytes:
        """The last bytes for the peer."""
        return b""

    @abstractmethod
    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings: ...

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return tuple(SourceLoss(cause, frames) for cause, frames in list(self._losses.items()))

    @property
    def notice(self) -> BridgeError | None:
        """A current fault of the probe while its frames still arrive."""
        if time.monotonic() - self._flooded_s > FLOOD_SHOWN_S:
            return self._damage.notice
        return ProbeFlooding(f"the probe at {self._place} sends more than {FLOOD_RATE:g} frames a second", "Set it to a lower rate")

    def frames(self) -> Iterator[Frame]:
        """Each frame as it arrives.

        Raises:
            SourceLost: the peer was disconnected, became silent, or sends only noise.
        """
        self._streaming = True
        self._message_s = self._bytes_s = time.monotonic()
        try:
            self._begin_stream()
            lost: SourceLost | None = None
            while not self._line.closed:
                while self._frames and (lost is not None or not self._holds_back):
                    yield self._frames.popleft()
                if lost is not None:
                    raise lost
                if self._ended:
                    return
                lost = self._turn_or_loss()
        finally:
            self._streaming = False

    def _turn_or_loss(self) -> SourceLost | None:
        """One turn; bytes that arrived before the line broke are passed on before the break is reported."""
        try:
            self._turn(TURN_S)
            self._check_silence()
        except SourceLost as error:
            return error
        return None

    def _turn(self, wait_s: float) -> None:
        """Waits for bytes, takes all available ones, decodes them, and sends what is due."""
        try:
            data = self._receive(wait_s)
            if data:
                self._bytes_s = time.monotonic()
                if self._understand(data, time.monotonic_ns()):
                    self._message_s = self._bytes_s
            if not self._line.closed:
                self._beat(time.monotonic())
        except OSError as error:
            if not self._line.closed:
                raise self._lost_error(error) from error

    def _check_silence(self) -> None:
        now = time.monotonic()
        if self._line.closed or now - self._message_s <= self.silence_s:
            return
        if now - self._bytes_s < self.silence_s:
            raise ProbeGarbled(
                f"the probe at {self._place} has sent only noise for {self.silence_s:g} s",
                "Check its cable; on a UART, also check that ?baud= is the probe's rate",
            )
        raise ProbeSilent(f"the probe at {self._place} has been silent for {self.silence_s:g} s", "Check its battery and its cable")

    def _lost_error(self, error: OSError) -> ProbeUnplugged:
        return ProbeUnplugged(
            f"the probe at {self._place} was unplugged ({error.strerror or error})",
            "Check the cable and the probe's power; it is opened again automatically",
        )

    def _give(self, frame: Frame) -> None:
        """Passes a frame on, unless the peer floods: every frame costs work, and no peer may starve the rest of the appliance."""
        now = time.monotonic()
        self._tokens = min(float(FLOOD_BURST), self._tokens + (now - self._tokens_s) * FLOOD_RATE)
        self._tokens_s = now
        if self._tokens < 1:
            self._flooded_s = now
            self._losses[FLOOD] = self._losses.get(FLOOD, 0) + 1
            return
        self._tokens -= 1
        self._damage.given()
        self._frames.append(frame)

    def _lose(self, cause: str, frames: int, why: str = "") -> None:
        self._losses[cause] = self._losses.get(cause, 0) + frames
        if frames:
            self._damage.lost(frames, why or CAUSES.get(cause, cause))

    def _send_bytes(self, data: bytes) -> None:
        """Sends to the peer. Reading reports a lost peer, after the bytes that it still sent."""
        with suppress(OSError):
            self._line.send(data)

    def close(self) -> None:
        """Ends `frames()`, sends the last bytes, and releases the line."""
        if not self._line.closed:
            with suppress(OSError):  # lost already: no peer is left to receive this
                self._line.send(self._farewell())
            self._line.close()
