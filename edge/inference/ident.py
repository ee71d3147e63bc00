"""NAME-VERSION, the ident of a release, and the order of versions."""

import re
from dataclasses import dataclass

IDENT = re.compile(r"(?P<name>[a-z][a-z0-9-]*)-(?P<numbers>\d+\.\d+\.\d+)(-(?P<before>.+))?")


@dataclass(frozen=True, slots=True)
class Ident:
    """`before` is the pre-release part after the numbers of a version, such as "rc.1"."""

    name: str
    numbers: tuple[int, ...]
    before: str

    @classmethod
    def parse(cls, text: str) -> "Ident | None":
        """None if the text is not an ident."""
        parts = IDENT.fullmatch(text)
        return parts and cls(parts["name"], tuple(map(int, parts["numbers"].split("."))), parts["before"] or "")

    @property
    def precedence(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        """Orders versions as https://semver.org/spec/v2.0.0.html#spec-item-11 does."""
        parts = self.before.split(".")
        return self.numbers, not self.before, tuple((not each.isdecimal(), int(each) if each.isdecimal() else 0, each) for each in parts)
