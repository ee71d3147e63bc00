"""PINs: which are good enough, and how they are kept so that who reads the records cannot tell them.

A PIN is typed with gloves on, at a tablet, many times a day, so it is digits. Somebody at the tablet has ten attempts before a supervisor
is needed: of a million PINs of six digits that is one chance in 100,000. Who has stolen the records can try all of them, and needs a
quarter of a second of this board for each (Argon2id, RFC 9106): days for six digits, under an hour for four.
"""

import base64
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from firmware_bridge.errors import InputRefused

SHORTEST, LONGEST = 6, 12
LANES = 1
"""One core hashes: the others go on reading frames."""


class PinRefused(InputRefused):
    """The PIN is too easy to guess, or no PIN."""

    code = "pin-refused"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of Argon2id: passes, and KiB of memory. They stand in each hash as well."""

    passes: int
    memory_kib: int


class PinHasher(Protocol):
    """How PINs are kept. Every method takes as long as checking one PIN on this board; see `edge.people.pin_tuning`."""

    def keep(self, pin: str) -> str: ...

    def holds(self, pin_hash: str, pin: str) -> bool: ...

    def outdated(self, pin_hash: str) -> bool: ...

    def waste(self, pin: str) -> None: ...


class Argon2Pins:
    """A `PinHasher`; one PIN at a time, because each takes as much memory as a small board can spare."""

    def __init__(self, parameters: Callable[[], Parameters]) -> None:
        """`parameters` are asked for when the first PIN comes: to find them may take seconds."""
        self._parameters = parameters
        self._turn = threading.Lock()

    @cached_property
    def _hasher(self) -> PasswordHasher:
        told = self._parameters()
        return PasswordHasher(told.passes, told.memory_kib, LANES, type=Type.ID)

    @cached_property
    def _nobody(self) -> str:
        """A hash of these parameters that no PIN has."""
        told = self._hasher
        salt, hashed = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (told.salt_len, told.hash_len))
        return f"$argon2id$v={ARGON2_VERSION}$m={told.memory_cost},t={told.time_cost},p={LANES}${salt}${hashed}"

    def keep(self, pin: str) -> str:
        """What is written down instead of the PIN."""
        with self._turn:
            return self._hasher.hash(pin)

    def holds(self, pin_hash: str, pin: str) -> bool:
        """Whether it is the PIN of a hash; a hash that is damaged is nobody's."""
        try:
            with self._turn:
                return self._hasher.verify(pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, pin_hash: str) -> bool:
        """Whether a hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(pin_hash)

    def waste(self, pin: str) -> None:
        """Takes as long as `holds`, so that an unknown name is not told by the time."""
        self.holds(self._nobody, pin)


def good(pin: str, *, shortest: int = SHORTEST, unlike: str = "") -> str:
    """The PIN, which is digits and not among the first that anybody would try; `unlike` is the badge.

    Raises:
        PinRefused: it is not. The message does not hold it.
    """
    if not re.fullmatch(r"[0-9]*", pin) or not shortest <= len(pin) <= LONGEST:
        raise PinRefused(f"A PIN has {shortest} to {LONGEST} digits, and nothing else", "Choose one that does")
    if _guessed(pin) or (unlike and pin in re.sub(r"\D", "", unlike)):
        raise PinRefused("This PIN is among the first that anybody would try", "Choose digits without a pattern, and not your badge's")
    return pin


def _guessed(pin: str) -> bool:
    """Few different digits, a piece over and over, a run up or down, or the same forth and back."""
    few = len(set(pin)) < min(4, len(pin) - 1)
    repeated = any(pin == (pin[:n] * len(pin))[: len(pin)] for n in range(1, len(pin) // 2 + 1))
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return few or repeated or len(steps) == 1 or pin == pin[::-1]
