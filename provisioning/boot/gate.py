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
LATE = "its self-test did not end in time"
NO_PROGRAM = (126, 127)
"""The status of a shell (POSIX), or of an emulator, in place of a program that is not there or cannot run."""


def selftest_of(program: Path, *options: str) -> tuple[str, ...]:
    """The command by which a program judges itself."""
    return str(program), *ARGUMENTS, *options


def judge(
    selftest: Sequence[str], wanted: Callable[[], bool], limit_s: float = LIMIT_S, every_s: float = EVERY_S, owner: As = MYSELF
) -> str:
    """Why a program does not work within `limit_s` seconds; empty where it does. It is asked each `every_s` while `wanted`.

    The last turn is short: that it does not end in time hides no reason of an earlier one.
    """
    until, why = time.monotonic() + limit_s, LATE
    while (left := until - time.monotonic()) > 0 and wanted():
        answer = ask(selftest, left, owner)
        if not answer:
            return ""
        why = why if answer == LATE else answer
        time.sleep(min(every_s, max(0.0, until - time.monotonic())))
    return why


def ask(command: Sequence[str], limit_s: float, owner: As = MYSELF) -> str:
    """Why a self-test, run as `owner`, did not pass: its last line; empty where it passed."""
    try:
        done = subprocess.run(command, **owner, capture_output=True, text=True, errors="replace", timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        return LATE
    except OSError as error:
        return f"its self-test cannot start ({error.strerror})"
    if done.returncode == 0:
        return ""
    stated = done.stdout if done.stdout.strip() else done.stderr  # the log is on stderr
    lines = [line.strip() for line in stated.splitlines() if line.strip()]
    if lines:
        return lines[-1].rstrip(".")
    happened = "cannot start, with" if done.returncode in NO_PROGRAM else "ended with"
    return f"its self-test {happened} status {done.returncode}"
