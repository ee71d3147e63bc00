"""The life of a board, change by change: two updates, one that fails, and a rollback. For real disks; as a program, it makes one change.

python -m tests.powercut.life FOLDER BUNDLES CHANGE
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from tests.provisioning.releases import engine_of, facts_of, offer_of, selector_of


@dataclass(frozen=True)
class Board:
    """A board at `place`, whose sticks hold the `packed` bundles by their counters."""

    files: RealFiles
    place: Place
    packed: dict[int, bytes]

    def apply(self, counter):
        engine_of(self.files, self.place).apply(offer_of(self.files, facts_of(counter), self.packed[counter]))

    def start(self):
        selector_of(self.files, self.place).start()

    def confirm(self):
        selector_of(self.files, self.place).confirm()

    def fail(self):
        selector_of(self.files, self.place).fail("its self-test did not pass")

    def roll_back(self):
        engine_of(self.files, self.place).roll_back("asked for")


LIFE = {
    "apply": (lambda board: board.apply(2), ("1", "2?"), ("2?",)),
    "start of a trial": (Board.start, ("2?",), ("2?",)),
    "confirm": (Board.confirm, ("2?", "2"), ("2",)),
    "apply over an older one": (lambda board: board.apply(3), ("2", "3?"), ("3?",)),
    "fail": (Board.fail, ("3?", "2"), ("2",)),
    "apply what is there": (lambda board: board.apply(3), ("2", "3?"), ("3?",)),
    "confirm the next one": (Board.confirm, ("3?", "3"), ("3",)),
    "roll back": (Board.roll_back, ("3", "2?"), ("2?",)),
    "confirm a rollback": (Board.confirm, ("2?", "2"), ("2",)),
}
"""What each change does, and which releases may run after a cut in it, and after it: see `soundness.require_sound`."""


if __name__ == "__main__":
    root, bundles, change = sys.argv[1:]
    LIFE[change][0](Board(RealFiles(), Place(Path(root)), {int(path.name): path.read_bytes() for path in Path(bundles).iterdir()}))
