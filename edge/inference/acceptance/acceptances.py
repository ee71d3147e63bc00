"""The acceptances of a data folder: a signed file each. One that does not apply is never used, and never dropped without a word."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from typing_extensions import Self

from edge.disk.durable import create_file, make_folder, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.inference.acceptance.acceptance import Acceptance, Why, Withdrawal, first_on
from edge.inference.acceptance.errors import AcceptanceNotWritten, AcceptanceUnknown, AcceptanceUnusable
from edge.inference.acceptance.file import ACCEPT_AGAIN, MOST_BYTES, Signer, ended, packed, unpacked
from edge.inference.finding_label import FindingLabel
from edge.records.audit.seal import Seal
from edge.records.clock import Now, wall
from firmware_bridge.machine import Machine

Labels = tuple[FindingLabel, ...]

SUFFIX = ".json"
LOOK_EVERY_S = 1.0
EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class StoredAcceptance:
    """A file: its acceptance, or the `problem` why that is unknown."""

    path: Path
    acceptance: Acceptance | None
    problem: AcceptanceUnusable | None


class Acceptances:
    """Threads and processes may share the folder; the files are read again when one of them changes."""

    def __init__(self, folder: Path, signer: Callable[[], Signer]) -> None:
        """`folder` need not exist yet; `signer` gives the key of this appliance, and is asked where there is a file to read or write."""
        self._folder, self._signer = folder, signer
        self._reading = threading.Lock()
        self._read: tuple[tuple[tuple[str, int, int], ...], tuple[StoredAcceptance, ...]] = ((), ())

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """The acceptances of an appliance, with the key that signs its audit trail."""
        return cls(DataFolder(data_dir).acceptances, lambda: Seal.of(data_dir))

    def all(self) -> tuple[StoredAcceptance, ...]:
        """Every file; first those with a problem, then the acceptances, the oldest first.

        Raises:
            AcceptanceUnusable: the folder cannot be read.
        """
        with self._reading:
            seen = self._seen()
            if seen != self._read[0]:
                stored = [self._stored(self._folder / name) for name, _, _ in seen]
                self._read = seen, tuple(sorted(stored, key=lambda each: each.acceptance.at if each.acceptance else EARLIEST))
            return self._read[1]

    def get(self, ident: str) -> Acceptance:
        """One acceptance, by its id or the beginning of it.

        Raises:
            AcceptanceUnknown: none has it, or several do.
            AcceptanceUnusable: its file is damaged or not signed.
        """
        found = [each for each in self.all() if each.path.stem.startswith(ident)]
        if len(found) != 1 or not ident:
            raise AcceptanceUnknown(f"{len(found) or 'no'} acceptances begin with {ident!r}", "Copy one from sonoedge model acceptances")
        stored = found[0]
        if stored.acceptance is None:
            raise stored.problem or AcceptanceUnusable(f"{stored.path} cannot be used", ACCEPT_AGAIN)
        return stored.acceptance

    def held(self, model_sha256: str, now: datetime) -> tuple[Acceptance, ...]:
        """Every acceptance that holds for a network, each on its own machine; the newest first.

        Raises:
            AcceptanceUnusable: the folder cannot be read.
        """
        good = (each.acceptance for each in reversed(self.all()) if each.acceptance is not None)
        return tuple(each for each in good if each.obstacle(model_sha256, Machine.named(each.machine), now) is None)

    def holding(self, model_sha256: str, machine: Machine, now: datetime) -> Acceptance | None:
        """The newest acceptance that holds for a network on a machine; None without one."""
        return first_on(self.held(model_sha256, now), machine)

    def on(
        self, model_sha256: str, findings: Sequence[FindingLabel], now: Now = wall, ran: Callable[[], float] = time.monotonic
    ) -> Callable[[Machine], Labels | None]:
        """For a network with these findings: the calibration and thresholds that this site accepted on a machine, None without them.

        It is asked of every frame, so it looks at the files once a second while the machine stays the same. An acceptance that cannot be
        read accepts nothing; `unheard` states it.
        """
        newest: tuple[Machine, float, Labels | None] | None = None

        def accepted(machine: Machine) -> Labels | None:
            nonlocal newest
            at = ran()
            if newest is None or newest[0] != machine or at - newest[1] >= LOOK_EVERY_S:
                newest = machine, at, self._labels(model_sha256, findings, machine, now())
            return newest[2]

        return accepted

    def _labels(self, model_sha256: str, findings: Sequence[FindingLabel], machine: Machine, now: datetime) -> Labels | None:
        try:
            found = self.holding(model_sha256, machine, now)
        except AcceptanceUnusable:
            return None
        return found.labels(findings) if found is not None else None

    def unheard(self, model_sha256: str, now: datetime) -> tuple[str, ...]:
        """Sentences about each machine's newest acceptance that does not hold with the network in use, and about damaged files.

        A person withdrew an acceptance knowingly, so a withdrawn one has no sentence.
        """
        newest: dict[str, Acceptance] = {}
        problems = [each.problem for each in self.all() if each.problem is not None]
        for each in (each.acceptance for each in self.all() if each.acceptance is not None):
            newest[each.machine.casefold()] = each
        sentences = [f"{problem.what}. {problem.fix}" for problem in problems]
        for each in newest.values():
            machine = Machine.named(each.machine)
            obstacle = each.obstacle(model_sha256, machine, now)
            if obstacle is None or obstacle.why is Why.WITHDRAWN or self.holding(model_sha256, machine, now) is not None:
                continue
            sentences.append(f"The acceptance of {each.release} on {each.machine} does not hold: {obstacle.what}. {ACCEPT_AGAIN}")
        return tuple(sentences)

    def add(self, acceptance: Acceptance) -> Path:
        """Writes a new acceptance; once this returns it survives a power cut.

        Raises:
            AcceptanceNotWritten: the disk refuses it.
        """
        path = self._folder / f"{acceptance.id}{SUFFIX}"
        try:
            make_folder(self._folder)
            create_file(path, packed(acceptance, self._signer()))
        except OSError as error:
            raise _not_written(path, error) from error
        return path

    def withdraw(self, ident: str, withdrawal: Withdrawal) -> Acceptance:
        """Ends an acceptance; once this returns it survives a power cut. One that was withdrawn before stays as it is.

        Raises:
            AcceptanceUnknown, AcceptanceUnusable: see `get`.
            AcceptanceNotWritten: the disk refuses it; the acceptance still holds.
        """
        found = self.get(ident)
        if found.withdrawn is not None:
            return found
        path = self._folder / f"{found.id}{SUFFIX}"
        try:
            replace_file(path, ended(read_plain(path, MOST_BYTES), str(path), withdrawal, self._signer()))
        except OSError as error:
            raise _not_written(path, error) from error
        return found.model_copy(update={"withdrawn": withdrawal})

    def _seen(self) -> tuple[tuple[str, int, int], ...]:
        """Name, time and size of each file, by name; ids sort in the order in which they were made."""
        try:
            with os.scandir(self._folder) as entries:
                files = [(each.name, each.stat(follow_symlinks=False)) for each in entries if each.name.endswith(SUFFIX)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            what = f"{self._folder} cannot be read ({error.strerror})"
            raise AcceptanceUnusable(what, "Run this as the user who owns data_dir") from error
        return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))

    def _stored(self, path: Path) -> StoredAcceptance:
        try:
            found = unpacked(read_plain(path, MOST_BYTES), str(path), self._signer())
        except OSError as error:
            what = f"{path} cannot be read ({error.strerror})"
            return StoredAcceptance(path, None, AcceptanceUnusable(what, "Give this user the right to read it"))
        except AcceptanceUnusable as problem:
            return StoredAcceptance(path, None, problem)
        if found.id != path.stem:
            return StoredAcceptance(path, None, AcceptanceUnusable(f"{path} holds the acceptance {found.id}", "Move this copy away"))
        return StoredAcceptance(path, found, None)


def _not_written(path: Path, error: OSError) -> AcceptanceNotWritten:
    return AcceptanceNotWritten(f"{path} cannot be written ({error.strerror})", "Free some room on the disk, and try again")
