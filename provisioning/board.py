"""What of a board decides whether a release fits it."""

import platform
import sys


def compat() -> str:
    """The processor and the Python of this board, as in `x86_64-cp311`; a release carries packages for one of these."""
    return compat_of(platform.machine(), f"{sys.version_info.major}.{sys.version_info.minor}")


def compat_of(machine: str, python: str) -> str:
    """The same for any processor, as `uname -m` names it, and any Python, as in "3.11"."""
    return f"{machine}-cp{python.replace('.', '')}"
