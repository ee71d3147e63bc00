"""`python3 -I boot.pyz COMMAND`, called by systemd around each start of the appliance (see `sonoedge.service`), and by `install.sh`."""

import argparse
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from . import gate, safe
from .files import RealFiles
from .lock import Alone
from .pack import SOURCES, furnish
from .place import DEFAULT, Place
from .reasons import reason
from .selector import Selector
from .slot import Mark

SERVICE = "sonoedge"
MOST_BYTES = 1000
TOO_LATE = "timeout"
"""What systemd states of a judgement that took too long."""


def main(words: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="boot.pyz", description="Selects the slot that starts. Research use, not a diagnosis.")
    parser.add_argument("--root", type=Path, default=DEFAULT)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("start", "judge", "confirm", "safe", "prepare"):
        commands.add_parser(name)
    adopted = commands.add_parser("adopt")
    adopted.add_argument("slot")
    adopted.add_argument("version")
    commands.add_parser("asked-to-stop").add_argument("process", nargs="?", default="")
    commands.add_parser("judged").add_argument("result")
    stated = commands.add_parser("ended")
    stated.add_argument("result")
    stated.add_argument("status", nargs="?", default="")
    given = parser.parse_args(words)
    place = Place(given.root)
    place.root.mkdir(parents=True, exist_ok=True)
    selector = Selector(RealFiles(), place, utc, Alone(place.lock))
    if given.command == "safe":
        safe.serve(selector.load())
    elif given.command == "judge":
        return _judge(selector)
    else:
        try:
            _around(selector, given)
        except OSError as error:
            print(f"the disk of the board refuses it: {error}", file=sys.stderr)  # noqa: T201 - for the journal
            return 1
    return 0


def _around(selector: Selector, given: argparse.Namespace) -> None:
    if given.command == "prepare":
        print(selector.prepare())  # noqa: T201 - for the installer
    elif given.command == "adopt":
        with selector.alone:
            if SOURCES.is_dir():  # not in `boot.pyz`, which is there already
                furnish(selector.files, selector.place)
            selector.adopt(given.slot, Mark(given.version, selector.load().counter))
    elif given.command == "start":
        print(selector.start() or "no slot can start")  # noqa: T201 - for the journal
    elif given.command == "confirm":
        selector.confirm()
    elif given.command == "judged":
        _judged(selector, given.result)
    elif given.command == "asked-to-stop" and given.process:
        selector.asked_to_stop()
    elif given.command == "ended" and (how := reason(given.result, given.status)):
        selector.ended(how)


def _judge(selector: Selector) -> int:
    """As the user of the appliance. Exit status 1 if the release on trial does not work; the reason is then in the runtime folder."""
    record = selector.load()
    if not record.trial:
        return 0
    program = gate.selftest_of(selector.place.current / "bin" / "sonoedge")
    why = gate.judge(program, lambda: selector.load().trial == record.trial)
    if why:
        print(why, file=sys.stderr)  # noqa: T201 - for the journal
        _reason_file().write_text(why)
    return 1 if why else 0


def _judged(selector: Selector, result: str) -> None:
    """As root, after the judgement ended, however it ended: a release that did not pass goes back, and the appliance starts again.

    A judgement that systemd stopped, because the program under trial ended, states nothing: the next start is judged again.
    """
    if not selector.load().trial or not (why := _reason(result)):
        return
    selector.fail(why)
    subprocess.run(["systemctl", "restart", "--no-block", SERVICE], check=False)


def _reason(result: str) -> str:
    """Why the release does not work; empty where the judgement did not state it."""
    try:
        return _reason_file().read_bytes()[:MOST_BYTES].decode(errors="replace")
    except OSError:
        return gate.LATE if result == TOO_LATE else ""


def _reason_file() -> Path:
    return Path(os.environ.get("RUNTIME_DIRECTORY", "/run/sonoedge-gate")) / "why"


def utc() -> str:
    """The time of this board, in ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main())
