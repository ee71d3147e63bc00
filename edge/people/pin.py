"""PINs: which are good enough, and how they are stored so that a reader of the records does not learn them.

People type a PIN with gloves on, at a tablet, many times a day. So it has digits only. A person at the tablet has ten attempts before a
supervisor is needed: with a million PINs of six digits, that is one chance in 100,000. A thief of the records can try all PINs, and needs
a quarter of a second of this board for each (Argon2id, RFC 9106): days for six digits, less than an hour for four.
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
"""One core computes the hash; the other cores continue to read frames."""


class PinRefused(InputRefused):
    """The PIN is too easy to guess, or is not a PIN."""

    code = "pin-refused"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of Argon2id: passes, and KiB of memory. Each hash contains them too."""

    passes: int
    memory_kib: int


class PinHasher(Protocol):
    """Makes and checks hashes of PINs; each hash takes as long as `edge.people.pin_tuning` measured for this board."""

    def keep(self, pin: str) -> str: ...

    def holds(self, pin_hash: str, pin: str) -> bool: ...

    def outdated(self, pin_hash: str) -> bool: ...

    def waste(self, pin: str) -> None: ...


class Argon2Pins:
    """A `PinHasher` for one PIN at a time, because each takes as much memory as a small board can spare."""

    def __init__(self, parameters: Callable[[], Parameters]) -> None:
        """`parameters` is called when the first PIN comes, because it can take seconds."""
        self._parameters = parameters
        self._turn = threading.Lock()

    @cached_property
    def _hasher(self) -> PasswordHasher:
        parameters = self._parameters()
        return PasswordHasher(parameters.passes, parameters.memory_kib, LANES, type=Type.ID)

    @cached_property
    def _nobody(self) -> str:
        """A hash with these parameters that belongs to no PIN."""
        hasher = self._hasher
        salt, hashed = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
        return f"$argon2id$v={ARGON2_VERSION}$m={hasher.memory_cost},t={hasher.time_cost},p={LANES}${salt}${hashed}"

    def keep(self, pin: str) -> str:
        """The hash, which is stored instead of the PIN."""
        with self._turn:
            return self._hasher.hash(pin)

    def holds(self, pin_hash: str, pin: str) -> bool:
        """Whether the PIN belongs to the hash; no PIN belongs to a damaged hash."""
        try:
            with self._turn:
                return self._hasher.verify(pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, pin_hash: str) -> bool:
        """Whether the hash was made with other parameters."""
        return self._hasher.check_needs_rehash(pin_hash)

    def waste(self, pin: str) -> None:
        """Takes as long as `holds`, so that the time does not show that a name is unknown."""
        self.holds(self._nobody, pin)


def good(pin: str, *, shortest: int = SHORTEST, unlike: str = "") -> str:
    """The PIN, if it has only digits and is hard to guess; `unlike` is the badge.

    Raises:
        PinRefused: the PIN is not good enough. The message does not contain it.
    """
    if not re.fullmatch(r"[0-9]*", pin) or not shortest <= len(pin) <= LONGEST:
        what = "A PIN has {shortest} to {longest} digits and no other characters"
        raise PinRefused(what, "Choose another PIN", says="pin_digits", shortest=shortest, longest=LONGEST)
    if _guessed(pin) or (unlike and pin in re.sub(r"\D", "", unlike)):
        fix = "Choose digits without a pattern that are not in your badge"
        raise PinRefused("This PIN is easy to guess", fix, says="pin_easy")
    return pin


def _guessed(pin: str) -> bool:
    """Few different digits, a repeated group, a run up or down, or the same forwards and backwards."""
    few = len(set(pin)) < min(4, len(pin) - 1)
    repeated = any(pin == (pin[:n] * len(pin))[: len(pin)] for n in range(1, len(pin) // 2 + 1))
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return few or repeated or len(steps) == 1 or pin == pin[::-1]
