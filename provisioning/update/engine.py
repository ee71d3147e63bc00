"""Applies a release: from a verified offer to a slot on trial.

Each state is durable before the action that needs it, and each action may be cut and repeated:

    the other slot is no longer one to return to -> its mark is gone -> the bundle lies in `incoming` -> it is unpacked -> it is installed
    -> it was read back and is durable -> the slot is marked whole -> the records were copied -> the trial is armed

Until the last step the active release is untouched; a cut before it leaves at most a slot without a mark, which never starts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from provisioning.boot import moves
from provisioning.boot.files import make_folders, remove_tree, tree_bytes
from provisioning.boot.place import other
from provisioning.boot.record import Record
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark, clear_mark, mark_of, set_mark
from provisioning.codes import ProvisionRefused
from provisioning.update import bundle
from provisioning.update.events import event, stating
from provisioning.update.install import Installer
from provisioning.update.manifest import Facts

BUNDLE, UNPACKED = "bundle.tar", "release"
SBOM = "sbom.json"
"""The list of components; each bundle has one."""
MARGIN_BYTES = 100_000_000
"""Room that an update leaves free on the disk of the program."""
COPIES = 6
"""The bundle, what is unpacked from it, and what is installed from that (3.6 times as much, measured with 84 packages) lie side by side."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A release that a trusted list offers. `length` and `sha256` are those of its bundle; `fetch` copies it, verified, to a path."""

    facts: Facts
    length: int
    sha256: str
    fetch: Callable[[Path], None]

    @property
    def mark(self) -> Mark:
        """What the mark of its slot states."""
        return Mark(self.facts.version, self.facts.counter, self.facts.security_floor, self.sha256)


Progress = Callable[[str], None]
"""Receives what is being done, in words."""


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Engine:
    """Changes the slots of one board. `compat` is what fits it; `before_trial` makes a copy of the records."""

    selector: Selector
    installer: Installer
    compat: str
    before_trial: Callable[[], None]
    progress: Progress = _silent

    def check(self, offer: Offer) -> None:
        """Whether this board can apply an offer.

        Raises:
            ProvisionRefused: E-WRONG-HW, E-ROLLBACK, E-TOO-OLD-SOURCE, E-NO-SPACE or E-BUSY.
        """
        facts, record = offer.facts, self.selector.load()
        if facts.compat != self.compat:
            raise ProvisionRefused("E-WRONG-HW", f"release {facts.version} is for {facts.compat}, and this board is {self.compat}")
        if facts.counter < record.counter:
            raise ProvisionRefused("E-ROLLBACK", f"release {facts.version} (number {facts.counter}) is older than number {record.counter}")
        active = self.selector.marks().get(record.active)
        if active is not None and active.counter < facts.least_counter:
            raise ProvisionRefused("E-TOO-OLD-SOURCE", f"release {facts.version} needs number {facts.least_counter} or newer to start from")
        if record.trial:
            raise ProvisionRefused("E-BUSY", "a release is on trial", "Restart the device and wait until the trial has ended")
        needed = COPIES * max(facts.unpacked, offer.length) + MARGIN_BYTES
        free = self.selector.files.free_bytes(self.selector.place.root)
        if free < needed and not self._is_there(offer) and (free := free + self._emptied_first(record)) < needed:
            raise ProvisionRefused("E-NO-SPACE", f"{free // 10**6} MB are free, and release {facts.version} needs {needed // 10**6} MB")

    def apply(self, offer: Offer) -> Record:
        """Puts a release into the other slot and arms its trial.

        Raises:
            ProvisionRefused: it is refused, or something failed. The active release is untouched, and the history has the reason.
        """
        with stating(self.selector, offer.facts.version):
            self.check(offer)
            record = self.selector.settled()
            slot = other(record.active) if record.active else "a"
            if not self._is_there(offer):
                self._write(offer, record, slot)
            self.progress("copying the records, for the case that the trial fails")
            self.before_trial()
            what = f"Release {offer.facts.version} is in slot {slot}; the next start tries it"
            armed = moves.armed(self.selector.load(), slot)
            return self.selector.store(replace(armed, event=event(self.selector, "OK-ARMED", what, offer.facts.version)))

    def roll_back(self, why: str) -> Record:
        """Ends a trial, or puts the previous release on trial.

        Raises:
            ProvisionRefused: E-NO-PREVIOUS, E-SECURITY-FLOOR, E-NO-SPACE or E-DISK, which the history has, too.
        """
        with stating(self.selector):
            record, marks = self.selector.settled(), self.selector.marks()
            if record.trial:
                return self.selector.fail(why)
            if record.previous not in marks:
                raise ProvisionRefused("E-NO-PREVIOUS", "no previous release is stored on this board")
            active, previous = marks.get(record.active), marks[record.previous]
            if active is not None and previous.counter < active.security_floor:
                what = f"release {active.version} bars release {previous.version} (number {previous.counter}), because it is not secure"
                raise ProvisionRefused("E-SECURITY-FLOOR", what)
            return self.selector.store(moves.returned(record, why, marks, self.selector.clock()))

    def _emptied_first(self, record: Record) -> int:
        """Bytes that `apply` frees before it writes: the other slot, and what an update that was cut left behind."""
        files, place = self.selector.files, self.selector.place
        slot = (place.slot(other(record.active)),) if record.active else ()
        return sum(tree_bytes(files, path) for path in (*slot, place.incoming))

    def _is_there(self, offer: Offer) -> bool:
        """An earlier run was cut after the slot was whole."""
        record = self.selector.load()
        return bool(record.active) and mark_of(self.selector.files, self.selector.place, other(record.active)) == offer.mark

    def _write(self, offer: Offer, record: Record, slot: str) -> None:
        files, place = self.selector.files, self.selector.place
        self.selector.store(moves.emptied(record, slot))  # also a first one: without any, a slot with a mark counts as the active one
        self.progress("emptying the other slot")
        clear_mark(files, place, slot)
        remove_tree(files, place.slot(slot))
        remove_tree(files, place.incoming)
        make_folders(files, place.slots)
        make_folders(files, place.incoming / UNPACKED)
        self.progress(f"copying release {offer.facts.version} ({offer.length // 10**6} MB)")
        offer.fetch(place.incoming / BUNDLE)
        self.progress("unpacking, and comparing each file with the manifest")
        stated = bundle.unpack(files, place.incoming / BUNDLE, place.incoming / UNPACKED)
        if Facts.model_validate(stated.model_dump()) != offer.facts:
            raise ProvisionRefused("E-MIX", f"the bundle of release {offer.facts.version} states other facts than the signed list")
        self.progress("installing the packages (a minute or more on a small board)")
        self.installer.install(place.incoming / UNPACKED, place.slot(slot))
        files.write(place.manifest(slot), (stated.model_dump_json(indent=2).encode(),))
        files.write(place.sbom(slot), (files.read(place.incoming / UNPACKED / SBOM),))
        files.sync_tree(place.slot(slot))
        files.sync(place.slots)
        self.progress("reading every file back from the disk")
        self.installer.verify(place.slot(slot))
        set_mark(files, place, slot, offer.mark)
        remove_tree(files, place.incoming)
