"""The gate: whether a release on trial works on this board. It needs no network, no stick and no probe.

The release judges itself, through `sonoedge provision selftest --level gate`; this program judges whether it does so in time.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .owner import MYSELF, As

LIMIT_S, EVERY_S = 180, 10
ARGUMENTS = ("provision", "selftest", "--level", "gate", "--quiet")


def judge(program: Path, wanted: Callable[[], bool], limit_s: float = LIMIT_S, every_s: float = EVERY_S) -> str:
    """Why the program does not work within `limit_s` seconds; empty where it does. It is asked each `every_s` while `wanted`."""
    until, why = time.monotonic() + limit_s, "its self-test did not end in time"
    while (left := until - time.monotonic()) > 0 and wanted():
        why = ask((str(program), *ARGUMENTS), left)
        if not why:
            return ""
        time.sleep(min(every_s, max(0.0, until - time.monotonic())))
    return why


def ask(command: Sequence[str], limit_s: float, owner: As = MYSELF) -> str:
    """Why a self-test, run as `owner`, did not pass: its last line; empty where it passed."""
    try:
        done = subprocess.run(command, **owner, capture_output=True, text=True, errors="replace", timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        return "its self-test did not end in time"
    except OSError as error:
        return f"its self-test cannot start ({error.strerror})"
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else f"its self-test ended with status {done.returncode}"
