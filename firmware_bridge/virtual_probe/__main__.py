"""The virtual probe as a process of its own: prints the port to open, then plays until it is stopped."""

import argparse
import os
import sys
import threading
from pathlib import Path

from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import DEFAULT_RATE, ChestPlayer, FilePlayer, Player
from firmware_bridge.virtual_probe.probe import Identity, Probe
from firmware_bridge.virtual_probe.pty import Emulator, PtyPort


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m firmware_bridge.virtual_probe", description=__doc__)
    made.add_argument("--input", type=Path, help="recording to play; without it the simulated chest")
    made.add_argument("--once", action="store_true", help="play the recording once, not again and again")
    made.add_argument("--fps", type=float, default=DEFAULT_RATE, help="frames a second; 0: as fast as the host takes them")
    made.add_argument("--b-lines", type=int, help="a fixed number of B-lines; without it their number changes with time")
    made.add_argument("--size", type=int, default=350, help="side of the simulated image in pixels")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--rendered", type=int, default=0, help="draw so many frames beforehand and play them round and round")
    made.add_argument("--versions", type=int, nargs="+", default=Identity().versions, help="SonoLink versions to claim, to try a mismatch")
    made.add_argument("--serial-number", default=Identity().serial_number, help="who it says it is, to try a host on another probe")
    made.add_argument("--link", type=Path, help="symbolic link to the port")
    made.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    return made


def main() -> int:
    told = parser().parse_args()
    if told.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        player: Player
        if told.input:
            player = FilePlayer(told.input, loop=not told.once)
        else:
            player = ChestPlayer(Chest(told.b_lines, size=told.size, seed=told.seed), told.fps, told.rendered)
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
