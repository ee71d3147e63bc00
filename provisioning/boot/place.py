"""The names in the folder of the program, `/opt/sonoedge` on a board. They are part of the format and never change."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path("/opt/sonoedge")
SLOTS = ("a", "b")


def other(slot: str) -> str:
    """The slot that is not `slot`."""
    return SLOTS[slot == SLOTS[0]]


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of the program at `root`."""

    root: Path

    @classmethod
    def of(cls, prefix: Path) -> "Place | None":
        """The place to whose slot a program with this `sys.prefix` belongs; None for one that was started from a checkout."""
        slot = prefix.resolve()  # it may lead through `current`
        return cls(slot.parent.parent) if slot.name in SLOTS and slot.parent.name == "slots" else None

    @property
    def records(self) -> tuple[Path, Path]:
        """The two boot records."""
        return self.root / "boot.0", self.root / "boot.1"

    @property
    def history(self) -> Path:
        """A line for each event."""
        return self.root / "history.jsonl"

    @property
    def current(self) -> Path:
        """The link to the slot that runs; derived from the boot records at each start."""
        return self.root / "current"

    @property
    def boot(self) -> Path:
        """The program that selects the slot."""
        return self.root / "boot.pyz"

    @property
    def safe(self) -> Path:
        """Has `bin/sonoedge`, which explains that no slot can start."""
        return self.root / "safe"

    @property
    def incoming(self) -> Path:
        """What is being copied from a stick."""
        return self.root / "incoming"

    @property
    def trust(self) -> Path:
        """The signed lists that were accepted."""
        return self.root / "trust"

    @property
    def trusted_root(self) -> Path:
        """The root that the board was given when it was set up, next to the lists."""
        return self.trust / "trusted_root.json"

    @property
    def lock(self) -> Path:
        """Locked while the boot records change."""
        return self.root / "boot.lock"

    @property
    def update_lock(self) -> Path:
        """Locked by the one command that changes the slots, for as long as it takes."""
        return self.root / "update.lock"

    @property
    def takes_requests(self) -> Path:
        """Exists where `install.sh` set up the unit that notices requests of the page."""
        return self.root / "takes_requests"

    @property
    def answer(self) -> Path:
        """What came of the last request of the page."""
        return self.root / "answer.json"

    @property
    def site(self) -> Path:
        """The signed policy of the site that the board belongs to."""
        return self.root / "site.json"

    @property
    def slots(self) -> Path:
        return self.root / "slots"

    def slot(self, name: str) -> Path:
        """The virtual environment of a release."""
        return self.slots / name

    def manifest(self, slot: str) -> Path:
        """The manifest of the release in a slot; absent where an installer wrote the slot from a checkout."""
        return self.slot(slot) / "release.json"

    def sbom(self, slot: str) -> Path:
        """The list of components of the release in a slot."""
        return self.slot(slot) / "sbom.json"

    def mark(self, slot: str) -> Path:
        """The file in a slot that states that the slot is whole; written last, removed first."""
        return self.slot(slot) / "slot.json"
