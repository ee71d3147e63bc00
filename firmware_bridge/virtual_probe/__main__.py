"""The virtual probe as a separate process: prints the port to open, then plays until it is stopped."""

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
from firmware_bridge.virtual_probe.tour import AIR_S


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m firmware_bridge.virtual_probe", description=__doc__)
    made.add_argument("--input", type=Path, help="recording to play; without it the simulated chest")
    made.add_argument("--once", action="store_true", help="play the recording once, without repeats")
    made.add_argument("--lift", action="store_true", help="black frames before each repeat, as if the probe was lifted")
    for name, option in OPTIONS.items():
        add = partial(made.add_argument, f"--{name.replace('_', '-')}", type=_reader(option), help=option.help)
        add(nargs="?", const=True) if option.read is yes_or_no else add()
    made.set_defaults(fps=DEFAULT_RATE, rendered=0, fixed=False, stay_s=0.0)
    made.add_argument("--versions", type=int, nargs="+", default=Identity().versions, help="SonoLink versions to state, to test a mismatch")
    made.add_argument("--serial-number", default=Identity().serial_number, help="serial number to state, to test a host with another probe")
    made.add_argument("--link", type=Path, help="symbolic link to the port")
    made.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    return made


def _reader(option: Option) -> Callable[[str], Value]:
    """The option's reader, with its errors in the form that argparse shows."""

    def read(text: str) -> Value:
        try:
            return option.read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _player(args: argparse.Namespace) -> Player:
    if args.input:
        return FilePlayer(args.input, loop=not args.once, air_frames=round(AIR_S * (args.fps or DEFAULT_RATE)) if args.lift else 0)
    given = {name: value for name, value in vars(args).items() if value is not None}
    chest = Chest(**_some(given, PICTURE), faults=Faults(**_some(given, FAULTS)))
    return ChestPlayer(chest, args.fps, args.rendered, args.fixed, args.stay_s)


def _some(given: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def main() -> int:
    args = parser().parse_args()
    if args.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        player = _player(args)
        with PtyPort(args.link) as port:
            identity = Identity(serial_number=args.serial_number, versions=tuple(args.versions))
            sys.stdout.write(port.path + "\n")
            sys.stdout.flush()
            Emulator(port, Probe(player, identity), player, args.fps).run()
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
