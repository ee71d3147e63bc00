"""The table of the checks of the board itself; a caller adds those of the appliance as the same `Check` objects."""

from collections.abc import Callable
from functools import partial

from provisioning.selftest.board import Board
from provisioning.selftest.check import ALWAYS, BY_HAND, Answer, Check, Level
from provisioning.selftest.checks.clock import clock
from provisioning.selftest.checks.encryption import encryption
from provisioning.selftest.checks.machine import machine, memory
from provisioning.selftest.checks.power import heat, power
from provisioning.selftest.checks.storage import mount, room, speed, wear
from provisioning.selftest.checks.tablets import tablets
from provisioning.selftest.checks.usb import usb

ROWS: tuple[tuple[str, Callable[[Board], Answer], frozenset[Level], frozenset[Level]], ...] = (
    ("board", machine, ALWAYS, ALWAYS),
    ("memory", memory, ALWAYS, ALWAYS),
    ("storage room", room, ALWAYS, ALWAYS),
    ("storage mount", mount, ALWAYS, frozenset()),
    ("storage speed", speed, BY_HAND, BY_HAND),
    ("storage wear", wear, BY_HAND, frozenset()),
    ("encryption", encryption, BY_HAND, frozenset()),
    ("clock", clock, BY_HAND, BY_HAND),
    ("heat", heat, BY_HAND, frozenset()),
    ("power", power, ALWAYS, frozenset()),
    ("USB", usb, BY_HAND, frozenset()),
    ("tablets", tablets, BY_HAND, frozenset()),
)
"""Name, function, the levels at which it runs, and those whose verdict needs it. A wrong clock is no fault of a release on trial."""


def board_checks(board: Board) -> tuple[Check, ...]:
    """The checks of this board."""
    return tuple(Check(name, partial(ask, board), levels, essential) for name, ask, levels, essential in ROWS)
