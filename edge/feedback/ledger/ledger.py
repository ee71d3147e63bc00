"""The ledger of an appliance: the entries in its records and those of the program, and the gate before clinical use."""

from pydantic import ValidationError

from edge.feedback.ledger.built_in import built_in
from edge.feedback.ledger.entry import NOTHING_MEASURED, Change, Entry, Evidence, Kind, Parts, Subject
from edge.feedback.ledger.standing import Standing, refusal, standing_of
from edge.records.model_changes import ModelChanges, NewModelChange, StoredModelChange
from edge.records.notices import APPLIANCE
from edge.records.store import Store

SIGNED, NOTED = "ledger.signed", "ledger.noted-in-use"
"""Acts in the audit trail."""
ACTIVATABLE_BACK = frozenset({Standing.COMPLETE, Standing.IN_USE, Standing.NONE, Standing.DAMAGED})
"""A rollback is the way out of trouble: only a release whose files are others than those of its entry is not gone back to."""


class Ledger:
    """Of a store; any thread may use it, and each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._stored = ModelChanges(store)

    def entries(self, release: str | None = None) -> tuple[Entry, ...]:
        """Every entry, or those of a release by its ident: those of the records, the newest first, then those of the program.

        Raises:
            RecordsFull, RecordsUnusable, BuiltInUnusable: they cannot be read.
        """
        of_program = (each for each in built_in() if release in (None, each.release))
        return (*map(_entry, self._stored.all(release)), *of_program)

    def standing(self, subject: Subject) -> Standing:
        """Whether a release is ready for clinical use; raises as `entries` does."""
        return standing_of(subject, self.entries(subject.ident))[0]

    def require(self, subject: Subject) -> Entry:
        """The complete entry of a release, which may then be activated.

        Raises:
            LedgerIncomplete: there is none for exactly these files.
            RecordsFull, RecordsUnusable, BuiltInUnusable: the entries cannot be read.
        """
        standing, found = standing_of(subject, self.entries(subject.ident))
        if standing is not Standing.COMPLETE or found is None:
            raise refusal(standing, subject.ident)
        return found

    def require_known(self, subject: Subject) -> None:
        """Admits a release to a rollback.

        Raises:
            LedgerIncomplete: its files are not those of its entries.
            RecordsFull, RecordsUnusable, BuiltInUnusable: the entries cannot be read.
        """
        standing = self.standing(subject)
        if standing not in ACTIVATABLE_BACK:
            raise refusal(standing, subject.ident)

    def sign(self, by: str, subject: Subject, parts: Parts, evidence: Evidence, seen: str | None) -> Entry:
        """Adds a signed entry, which supersedes the entry `seen` of these files; None: the first one.

        Raises:
            RecordStale: another entry was added in the meantime.
            RecordsFull, RecordsUnusable: the disk refuses it.
        """
        return self._add(by, _change(Kind.SIGNED, subject, parts, evidence), SIGNED, seen)

    def note_in_use(self, subject: Subject) -> None:
        """States of a release in use that it has no entry; one that has any entry of these files stays as it is.

        Raises:
            RecordsFull, RecordsUnusable, BuiltInUnusable: the disk refuses it.
        """
        if self.standing(subject) in (Standing.NONE, Standing.OTHER_FILES):
            self._add(APPLIANCE, _change(Kind.IN_USE, subject), NOTED, None)

    def _add(self, by: str, change: Change, act: str, seen: str | None) -> Entry:
        new = NewModelChange(change.release, change.release_sha256, change.model_dump_json(), act)
        return _entry(self._stored.add(by, new, seen))


def _change(kind: Kind, subject: Subject, parts: Parts | None = None, evidence: Evidence = NOTHING_MEASURED) -> Change:
    return Change(
        kind=kind,
        release=subject.ident,
        release_sha256=subject.sha256,
        model_sha256=subject.model_sha256,
        parts=parts,
        shadow=evidence.shadow,
        acceptances=evidence.acceptances,
    )


def _entry(stored: StoredModelChange) -> Entry:
    """A damaged entry, or one that only a newer program understands, has no content here."""
    change = _content(stored.body) if stored.whole else None
    return Entry(stored.id, stored.release, stored.release_sha256, stored.by, stored.at, stored.supersedes, change)


def _content(body: str) -> Change | None:
    try:
        return Change.model_validate_json(body)
    except ValidationError:
        return None
