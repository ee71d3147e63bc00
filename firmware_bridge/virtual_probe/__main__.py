"""The virtual probe as a process of its own: prints the port to open, then plays until it is stopped."""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults
from firmware_bridge.virtual_probe.options import FAULTS, OPTIONS, PICTURE, Option, Value, yes_or_no
from firmware_bridge.virtual_probe.player import DEFAULT_RATE, ChestPlayer, FilePlayer, Player
from firmware_bridge.virtual_probe.probe import Identity, Probe
from firmware_bridge.virtual_probe.pty import Emulator, PtyPort


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m firmware_bridge.virtual_probe", description=__doc__)
    made.add_argument("--input", type=Path, help="recording to play; without it the simulated chest")
    made.add_argument("--once", action="store_true", help="play the recording once, not again and again")
    for name, option in OPTIONS.items():
        add = partial(made.add_argument, f"--{name.replace('_', '-')}", type=_told(option), help=option.help)
        add(nargs="?", const=True) if option.read is yes_or_no else add()
    made.set_defaults(fps=DEFAULT_RATE, rendered=0, fixed=False)
    made.add_argument("--versions", type=int, nargs="+", default=Identity().versions, help="SonoLink versions to claim, to try a mismatch")
    made.add_argument("--serial-number", default=Identity().serial_number, help="who it says it is, to try a host on another probe")
    made.add_argument("--link", type=Path, help="symbolic link to the port")
    made.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    return made


def _told(option: Option) -> Callable[[str], Value]:
    """The option's reader, with what is wrong said as argparse shows it."""

    def read(text: str) -> Value:
        try:
            return option.read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _player(told: argparse.Namespace) -> Player:
    if told.input:
        return FilePlayer(told.input, loop=not told.once)
    given = {name: value for name, value in vars(told).items() if value is not None}
    chest = Chest(**_some(given, PICTURE), faults=Faults(**_some(given, FAULTS)))
    return ChestPlayer(chest, told.fps, told.rendered, told.fixed)


def _some(given: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def main() -> int:
    told = parser().parse_args()
    if told.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        player = _player(told)
        with PtyPort(told.link) as port:
            identity = Identity(serial_number=told.serial_number, versions=tuple(told.versions))
            sys.stdout.write(port.path + "\n")
            sys.stdout.flush()
            Emulator(port, Probe(player, identity), player, told.fps).run()
    except SonoEdgeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
