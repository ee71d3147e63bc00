"""What of a board decides whether a release fits it."""

import platform
import sys


def compat() -> str:
    """The processor and the Python of this board, as in `x86_64-cp311`; a release carries packages for one of these."""
    return f"{platform.machine()}-cp{sys.version_info.major}{sys.version_info.minor}"
