"""The command as the user typed it."""

import sys


def typed() -> list[str]:
    """Its words, for a message that repeats it."""
    return ["sonoedge", *sys.argv[1:]]
