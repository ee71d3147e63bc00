"""What a bad cable does to messages on their way to the host: it hits a share of them, chosen by a seed. Sans-I/O."""

import random
from collections.abc import Callable, Iterator, Mapping
from enum import Enum

from firmware_bridge.link.header import HEADER_SIZE, Header

Message = bytes


class WireFault(str, Enum):
    """One way to hit a message."""

    BIT_ERROR = "bit-error"
    LOST = "lost"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


class Wire:
    """Carries messages in order; `hits` counts those that it did not carry as they are."""

    def __init__(self, fault: WireFault, rate: float, seed: int) -> None:
        """Hits each message with the chance `rate`, 0 to 1; the same seed hits the same ones in the same way."""
        self._hit = HITS[fault]
        self._rate, self._chance = rate, random.Random(seed)  # noqa: S311 - not a secret: a failure can be repeated
        self._held: Message | None = None
        self.hits = 0

    def carry(self, message: Message) -> tuple[Message, ...]:
        """What arrives now: nothing of a message that is lost or held back, and later both of two in the other order."""
        if self._held is not None:
            held, self._held = self._held, None
            return message, held
        if self._chance.random() >= self._rate:
            return (message,)
        self.hits += 1
        arrives = self._hit(message, self._chance)
        if arrives is None:
            self._held = message
            return ()
        return arrives


def messages_in(data: bytes) -> Iterator[Message]:
    """The whole messages, one after another, that a probe wants to send."""
    while (header := Header.unpack(data) if data else None) is not None:
        end = HEADER_SIZE + header.length
        yield data[:end]
        data = data[end:]


def _bit_error(message: Message, chance: random.Random) -> tuple[Message, ...]:
    at = chance.randrange(len(message))
    return (message[:at] + bytes([message[at] ^ 1 << chance.randrange(8)]) + message[at + 1 :],)


def _truncated(message: Message, chance: random.Random) -> tuple[Message, ...]:
    return (message[: chance.randrange(1, len(message))],)


HITS: Mapping[WireFault, Callable[[Message, random.Random], tuple[Message, ...] | None]] = {
    WireFault.BIT_ERROR: _bit_error,
    WireFault.LOST: lambda _message, _chance: (),
    WireFault.DOUBLED: lambda message, _chance: (message, message),
    WireFault.REORDERED: lambda _message, _chance: None,
    WireFault.TRUNCATED: _truncated,
}
"""What arrives of a message that is hit; None: it comes after the next one."""
