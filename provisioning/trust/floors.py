"""The floors: what the device has accepted before, stored apart from the metadata, so that damage to those lowers nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from provisioning.codes import ProvisionRefused


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a role that was accepted. `keys` stands for the key ids that vouch for it; "" for the root: no key resets its floor."""

    role: str
    keys: str
    version: NonNegativeInt


@dataclass(frozen=True, slots=True)
class Floors:
    """The lowest versions and the earliest time that the device still accepts.

    `time` is in seconds of UTC; it rises only from signed facts. When all who vouch for a role have new keys, the role has no floor yet:
    so the publisher recovers after a thief raised a version to the highest number (TUF 5.3.11).
    """

    time: NonNegativeInt = 0
    seen: tuple[Seen, ...] = ()

    @classmethod
    def from_json(cls, stored: bytes) -> "Floors":
        """Reads what `as_json` wrote.

        Raises:
            ProvisionRefused: E-NOT-SET-UP, the text is damaged.
        """
        try:
            return _FLOORS.validate_json(stored)
        except ValidationError as error:
            raise ProvisionRefused("E-NOT-SET-UP", f"the stored floors of updates are damaged ({error.error_count()} faults)") from error

    def as_json(self) -> bytes:
        """One line of JSON, without its end."""
        return _FLOORS.dump_json(self)

    def below(self, seen: Iterable[Seen]) -> tuple[Seen, int] | None:
        """The first version that is below its floor, and that floor; None if there is none."""
        return next(((each, floor) for each in seen if each.version < (floor := self._of(each))), None)

    def raised(self, seen: Iterable[Seen], time: int = 0) -> "Floors":
        """With floors at least as high as these versions and this time."""
        highest = {(each.role, each.keys): each for each in self.seen}
        for each in seen:
            highest[each.role, each.keys] = replace(each, version=max(each.version, self._of(each)))
        return Floors(max(self.time, time), tuple(highest.values()))

    def _of(self, seen: Seen) -> int:
        return next((each.version for each in self.seen if (each.role, each.keys) == (seen.role, seen.keys)), 0)


_FLOORS = TypeAdapter(Floors)
