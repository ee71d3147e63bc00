"""The un0rick's registers: control words out, lines in. The bus is any function that exchanges bytes.

A transfer begins with three bytes, big-endian: bit 23 write, bit 22 the address rises with each word, bits 21 to 8 the number of words
minus one, bits 7 to 0 the address; words have 16 bits, big-endian. There is no checksum: the data are accepted as received.
"""

import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import LinkError, ProbeSilent, ProbeUnplugged

REGISTERS = {
    "acquisition start": 0x50,
    "acquisition done": 0x51,
    "lines": 0x52,
    "gain": 0x20,
    "memory": 0xA0,
    "memory start": 0xA1,
    "author": 0xF0,
    "version": 0xF1,
}
GAINS = 32
"""One word for the gain converter, for each 32nd of a line."""
GAIN_MOST = 1023
LINES_MOST, LINE_SAMPLES = 32, 16384
WORDS_MOST = 1 << 14
SAMPLE_MHZ = 64.0
DONE_S, ASK_S = 1.0, 0.001
"""The longest acquisition, and the time between two checks whether it is done, in seconds."""
MIDDLE = 512


class Un0rickRefused(LinkError):
    """The board does not answer as an un0rick does."""

    code = "un0rick-refused"


class Bus(Protocol):
    def exchange(self, out: bytes, readlen: int) -> bytes:
        """Sends, then reads this many bytes."""
        ...


def control(address: int, words: int, *, write: bool, rising: bool = False) -> bytes:
    """The three bytes before a transfer.

    Raises:
        ValueError: the fields cannot hold this number of words or this address.
    """
    if not (1 <= words <= WORDS_MOST and 0 <= address <= 0xFF):
        raise ValueError(f"{words} words at address {address}")
    return (write << 23 | rising << 22 | (words - 1) << 8 | address).to_bytes(3, "big")


def gain_ramp(first: int, last: int) -> list[int]:
    """32 gains in even steps from the first to the last; 0 is the least and 1023 the most.

    Raises:
        ValueError: a gain out of range.
    """
    if not (0 <= first <= GAIN_MOST and 0 <= last <= GAIN_MOST):
        raise ValueError(f"gains {first} to {last}; both must be from 0 to {GAIN_MOST}")
    return [round(gain) for gain in np.linspace(first, last, GAINS)]


class Board:
    """One un0rick."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def read(self, name: str, words: int = 1, *, rising: bool = False) -> NDArray[np.uint16]:
        """Reads this many words from a register.

        Raises:
            Un0rickRefused: the board sent fewer.
            ProbeUnplugged: the bus was disconnected.
        """
        data = self._exchange(control(REGISTERS[name], words, write=False, rising=rising), 2 * words)
        if len(data) != 2 * words:
            raise Un0rickRefused(f"the un0rick sent {len(data)} of {2 * words} bytes", "Check its cable and its power")
        return np.frombuffer(data, ">u2").astype(np.uint16)

    def write(self, name: str, values: Sequence[int], *, rising: bool = False) -> None:
        words = np.asarray(values, ">u2").tobytes()
        self._exchange(control(REGISTERS[name], len(values), write=True, rising=rising) + words, 0)

    def _exchange(self, out: bytes, readlen: int) -> bytes:
        try:
            return self._bus.exchange(out, readlen)
        except OSError as error:
            raise ProbeUnplugged(
                f"the un0rick was unplugged ({error})", "Check its cable and its power; it is opened again automatically"
            ) from error

    def identity(self) -> tuple[int, int]:
        """(author, version).

        Raises:
            Un0rickRefused: all bits are alike, as with a board without power or gateware.
        """
        author, version = int(self.read("author")[0]), int(self.read("version")[0])
        if author in (0, 0xFFFF):
            raise Un0rickRefused(
                f"no un0rick answers on the bus (its answer is {author:#06x})", "Check its power and that its gateware is loaded"
            )
        return author, version

    def set_up(self, lines: int, gains: Sequence[int]) -> None:
        """Sets the number of lines of each acquisition, 1 to 32, and the ramp of 32 gains.

        Raises:
            ValueError: a wrong number of lines or gains.
        """
        if not 1 <= lines <= LINES_MOST or len(gains) != GAINS:
            raise ValueError(f"{lines} lines with {len(gains)} gains are not possible")
        self.write("lines", [lines - 1])
        self.write("gain", gains, rising=True)

    def acquire(self, lines: int) -> NDArray[np.float32]:
        """Fires and returns (lines, 16384) samples, -512 to 511.

        Raises:
            ProbeSilent: it was not done within a second.
            ProbeUnplugged: the bus was disconnected.
            Un0rickRefused: the board sent fewer samples.
        """
        self.write("acquisition start", [1])
        deadline = time.monotonic() + DONE_S
        while not self.read("acquisition done")[0] & 1:
            if time.monotonic() > deadline:
                raise ProbeSilent("the un0rick did not finish its acquisition", "Unplug it and plug it in again")
            time.sleep(ASK_S)
        self.write("memory start", [1])
        words = np.concatenate([self.read("memory", LINE_SAMPLES) for _ in range(lines)])
        return np.asarray((words & 0x3FF).astype(np.int16) - MIDDLE, np.float32).reshape(lines, LINE_SAMPLES)
