"""What every source on a live stream of bytes has in common: frames as they arrive, losses by cause, silence, an end."""

import time
from abc import abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from firmware_bridge.errors import BridgeError, ProbeFlooding, ProbeGarbled, ProbeSilent, ProbeUnplugged, SourceLost
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import Closing, SourceInfo, SourceLoss
from firmware_bridge.sources.line import Line

SILENCE_S = 3.0
"""Without a sound message for so long the probe is taken for gone."""
TURN_S = 0.25
"""How long a turn waits for bytes: what is due from this end is at most so late."""
FLOOD_RATE, FLOOD_BURST = 240.0, 60
"""Frames a second that are handed on in the long run, and how many may come at once; no probe images faster."""
FLOOD = "flood"
FLOOD_SHOWN_S = 2.0


class LiveSource(Closing):
    """One thread takes `frames()`; `apply` and `close` may come from another.

    A kind of source says what its bytes mean (`_understand`), what is due to the peer (`_beat`) and what to say at the end.
    """

    silence_s = SILENCE_S

    def __init__(self, line: Line, url: str, place: str) -> None:
        """`place` is where the peer is, for messages: a path, or a host and port."""
        self._line = line
        self._url = url
        self._place = place
        self._frames: deque[Frame] = deque()
        self._losses: dict[str, int] = {}
        self._ended = False
        self._streaming = False
        self._heard_s = self._bytes_s = time.monotonic()
        self._tokens, self._tokens_s = float(FLOOD_BURST), self._heard_s
        self._flooded_s = float("-inf")

    @property
    @abstractmethod
    def info(self) -> SourceInfo: ...

    def _receive(self, wait_s: float) -> bytes | memoryview:
        """Waits for bytes and takes what is there."""
        return self._line.receive(wait_s)

    @abstractmethod
    def _understand(self, data: bytes | memoryview, received_ns: int) -> bool:
        """Takes bytes: frames through `_give`, losses through `_lose`. True if they completed anything sound."""

    @abstractmethod
    def _beat(self, now_s: float) -> None:
        """Says what is due by the monotonic clock; called several times a second."""

    def _farewell(self) -> bytes:
        """What to say to the peer at the end."""
        return b""

    @abstractmethod
    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings: ...

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return tuple(SourceLoss(cause, frames) for cause, frames in list(self._losses.items()))

    @property
    def notice(self) -> BridgeError | None:
        """What is wrong with the probe at this moment although its frames still come."""
        if time.monotonic() - self._flooded_s > FLOOD_SHOWN_S:
            return None
        return ProbeFlooding(f"the probe at {self._place} sends more than {FLOOD_RATE:g} frames a second", "Set it to a lower rate")

    def frames(self) -> Iterator[Frame]:
        """Each frame as it arrives.

        Raises:
            SourceLost: the peer went away, fell silent, or sends nothing but noise.
        """
        self._streaming = True
        try:
            lost: SourceLost | None = None
            while not self._line.closed:
                while self._frames:
                    yield self._frames.popleft()
                if lost is not None:
                    raise lost
                if self._ended:
                    return
                lost = self._turn_or_loss()
        finally:
            self._streaming = False

    def _turn_or_loss(self) -> SourceLost | None:
        """One turn; what came before the line broke is handed on before the break is told."""
        try:
            self._turn(TURN_S)
            self._check_silence()
        except SourceLost as error:
            return error
        return None

    def _turn(self, wait_s: float) -> None:
        """Waits for bytes, takes all that are there, understands them, and says what is due."""
        try:
            data = self._receive(wait_s)
            if data:
                self._bytes_s = time.monotonic()
                if self._understand(data, time.monotonic_ns()):
                    self._heard_s = self._bytes_s
            if not self._line.closed:
                self._beat(time.monotonic())
        except OSError as error:
            if not self._line.closed:
                raise self._gone(error) from error

    def _check_silence(self) -> None:
        now = time.monotonic()
        if self._line.closed or now - self._heard_s <= self.silence_s:
            return
        if now - self._bytes_s < self.silence_s:
            raise ProbeGarbled(
                f"what the probe at {self._place} sends has been nothing but noise for {self.silence_s:g} s",
                "Check its cable; on a UART, also that ?baud= is the probe's own",
            )
        raise ProbeSilent(f"the probe at {self._place} has been silent for {self.silence_s:g} s", "Check its battery and its cable")

    def _gone(self, error: OSError) -> ProbeUnplugged:
        return ProbeUnplugged(
            f"the probe at {self._place} was unplugged ({error.strerror or error})",
            "Check the cable and the probe's power; it is opened again by itself",
        )

    def _give(self, frame: Frame) -> None:
        """Hands a frame on, unless the peer floods: every frame costs work, and nothing may starve the rest of the appliance."""
        now = time.monotonic()
        self._tokens = min(float(FLOOD_BURST), self._tokens + (now - self._tokens_s) * FLOOD_RATE)
        self._tokens_s = now
        if self._tokens < 1:
            self._flooded_s = now
            self._lose(FLOOD, 1)
            return
        self._tokens -= 1
        self._frames.append(frame)

    def _lose(self, cause: str, frames: int) -> None:
        self._losses[cause] = self._losses.get(cause, 0) + frames

    def _say(self, data: bytes) -> None:
        """Sends to the peer; that it is gone is told by reading, after what it still sent."""
        with suppress(OSError):
            self._line.send(data)

    def close(self) -> None:
        """Ends `frames()`, says farewell, and gives the line back."""
        if not self._line.closed:
            with suppress(OSError):  # gone already: nobody is there to be told
                self._line.send(self._farewell())
            self._line.close()
