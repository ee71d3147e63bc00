"""Starts children of this Python that never run code of the current folder: `-m` alone looks for every module there first."""

import sys

ONLY_INSTALLED = "-P" if sys.version_info >= (3, 11) else "-I"
"""`-P` leaves the current folder out. Before Python 3.11 only `-I` does, which ignores the variable PYTHONPATH too."""

SAFE_ENVIRONMENT = {"PYTHONSAFEPATH": "1"}
"""The same as `-P`, for the children that a library starts; Python 3.10 ignores it."""


def python(*words: str) -> list[str]:
    """The command for this Python with these arguments, such as `-m`, MODULE."""
    return [sys.executable, ONLY_INSTALLED, *words]
