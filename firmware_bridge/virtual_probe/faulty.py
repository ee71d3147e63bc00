"""A simulated probe with faults that a rig switches on and off while it runs, and an account of every image that it sent."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import Hello
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer, Shown
from firmware_bridge.virtual_probe.probe import PIXELS, Identity, Probe
from firmware_bridge.virtual_probe.wire import Wire, messages_in

FPS, SIDE, PICTURES = 25, 60, 4
"""Frames a second of square images with so many pixels a side; so many pictures are drawn, and then repeated."""
MOST_WAITING = 50
"""Messages for a host that does not read: the frames after that are not sent."""
FLOOD_SIDE, FLOOD_FRAMES = 16, 200
"""Many frames of a flood fit into a terminal's buffer, so that a busy machine receives a flood at each turn."""
NOISE_BYTES = 300
TURN_S, FLOOD_TURN_S = 0.002, 0.0002

Hit = Callable[[bytes], bytes]


class Port(Protocol):
    """The probe's end of the cable; see `PtyPort`."""

    def read(self) -> bytes: ...
    def write(self, parts: "deque[memoryview]") -> None: ...
    def close(self) -> None: ...


class FaultyProbe:
    """Runs in a thread until it is unplugged. `stalled`, `noise`, `flood` and `wire` last until they are set back; `hit` hits one frame."""

    def __init__(self, plug: Callable[[], Port], serial_number: str) -> None:
        """`plug` makes the port, each time when the probe is plugged in; it is plugged in at once."""
        self._plug, self._identity = plug, Identity(serial_number=serial_number)
        self._player, self._flooding = (ChestPlayer(Chest(2, size=side), FPS, rendered=PICTURES) for side in (SIDE, FLOOD_SIDE))
        self.shown: dict[int, Shown] = {}
        """Every image that it sent, or a fault hit, by the time of the probe's clock that its frame states, in microseconds."""
        self._waiting: deque[memoryview] = deque()
        self.plug_in()

    def plug_in(self) -> None:
        """Starts it, without a fault."""
        self.stalled = self.noise = self.flood = False
        self.wire: Wire | None = None
        self.hit: Hit | None = None
        self._waiting.clear()
        self._port, self._probe = self._plug(), Probe(self._player, self._identity)
        self._out = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faulty probe", daemon=True)
        self._thread.start()

    def pull_out(self) -> None:
        """Ends it, and closes its port."""
        self._out.set()
        self._thread.join()
        self._port.close()

    def say(self, data: bytes) -> None:
        """Sends bytes as they are between two messages."""
        self._waiting.append(memoryview(data))

    def restart(self) -> None:
        """A brown-out: the probe loses its state, and sends a Hello that nobody asked for."""
        who = self._identity
        self._probe = Probe(self._player, who)
        self.say(encode(Hello(who.device, who.firmware, who.serial_number, (PIXELS, "simulated"))))

    @property
    def sent(self) -> int:
        """How many frames it sent, or a fault hit."""
        return len(self.shown)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._out.is_set():
            answer = self._probe.receive(self._port.read(), _now_us())
            if not self.stalled and not self.noise:
                self._carry(messages_in(answer))
            if self.flood:
                for _ in range(FLOOD_FRAMES):
                    self._send_one(self._flooding, FLOOD_FRAMES)
                due = time.monotonic()
            elif time.monotonic() >= due:
                due += 1 / FPS
                self._send_one(self._player, MOST_WAITING)
            self._port.write(self._waiting)
            time.sleep(FLOOD_TURN_S if self.flood else TURN_S)

    def _send_one(self, player: ChestPlayer, most_waiting: int) -> None:
        if self.noise:
            self.say(os.urandom(NOISE_BYTES))
        elif self._probe.streaming and not self.stalled and len(self._waiting) < most_waiting:
            shown, at = player.next(), _now_us()
            *reports, frame = messages_in(b"".join(map(bytes, self._probe.frame(shown, at))))
            hit, self.hit = self.hit, None
            self._carry((*reports, hit(frame) if hit else frame))
            self.shown[at] = shown

    def _carry(self, messages: Iterable[bytes]) -> None:
        wire = self.wire
        for message in messages:
            for piece in wire.carry(message) if wire is not None else (message,):
                self.say(piece)


def _now_us() -> int:
    return time.monotonic_ns() // 1000
