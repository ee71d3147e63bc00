"""Starts children of this Python that never run code of the current folder: `-m` alone looks for every module there first.

A process for costly work gives way to the live loop: it has a low priority, and perhaps one core only.
"""

import os
import sys
from contextlib import suppress

ONLY_INSTALLED = "-P" if sys.version_info >= (3, 11) else "-I"
"""`-P` leaves the current folder out. Before Python 3.11 only `-I` does, which ignores the variable PYTHONPATH too."""

SAFE_ENVIRONMENT = {"PYTHONSAFEPATH": "1"}
"""The same as `-P`, for the children that a library starts; Python 3.10 ignores it."""


NICENESS = 10
"""The priority of costly work, as of nice(1): it receives a tenth of a core for which the live loop waits too."""


def python(*words: str) -> list[str]:
    """The command for this Python with these arguments, such as `-m`, MODULE."""
    return [sys.executable, ONLY_INSTALLED, *words]


def again() -> list[str]:
    """The command that started this process, with the options of Python that it had."""
    return [sys.executable, *sys.orig_argv[1:]]


def give_way(process: int = 0) -> None:
    """Lowers the priority of this process, or of a child, and of its later children; a system that forbids it leaves them as they are."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, max(NICENESS, os.getpriority(os.PRIO_PROCESS, process)))


def use_one_core(process: int) -> None:
    """Keeps a child on the last of its cores, so that the others stay free for the network."""
    with suppress(OSError):
        os.sched_setaffinity(process, {max(os.sched_getaffinity(process))})
