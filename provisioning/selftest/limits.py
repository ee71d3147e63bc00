"""Every limit of the self-test of a board, in one table: a reviewer changes a number here and no code."""

from collections.abc import Mapping
from dataclasses import dataclass

PYTHON_OLDEST = (3, 10)
ARCHITECTURES = frozenset({"aarch64", "armv7l", "x86_64"})
"""The machines for which releases are made."""


def plain(value: float) -> str:
    """A number as people read it: 16,279,600 or 0.52."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A value beyond `watch` is watched, one beyond `fail` fails; `least`: below them. Without `fail` it is only watched."""

    unit: str
    watch: float
    fail: float | None = None
    least: bool = False

    def __str__(self) -> str:
        side = "at least" if self.least else "at most"
        return f"{side} {plain(self.watch)}" + ("" if self.fail is None else f", never {self._wrong} {plain(self.fail)}")

    @property
    def _wrong(self) -> str:
        return "below" if self.least else "above"

    def beyond(self, bound: float | None, value: float) -> bool:
        """Whether a value is on the wrong side of a bound."""
        return bound is not None and (value < bound if self.least else value > bound)


LIMITS: Mapping[str, Limit] = {
    "cores": Limit("cores", 2, 1, least=True),
    "memory in all": Limit("MiB", 900, 450, least=True),
    "memory free": Limit("MiB", 300, 150, least=True),
    "storage free": Limit("MiB", 2000, 500, least=True),
    "files possible": Limit("files", 20_000, 2_000, least=True),
    "write p50": Limit("ms", 25, 100),
    "write p99": Limit("ms", 150, 1000),
    "storage wear": Limit("% of its life", 80, 100),
    "storage reserve": Limit("of 3", 1, 2),
    "temperature": Limit("°C", 75, 90),
    "USB power": Limit("mA", 1200),
    "Coral speed": Limit("Mbit/s", 5000, least=True),
}
"""`write`: 4 KiB, until fsync returns. `storage reserve`: 1 normal, 2 low, 3 urgent (JEDEC 84-B51, PRE_EOL_INFO)."""

WRITES = 100
"""Of the storage check: few enough to wear nothing, enough for a p99."""
