"""Whether a release is ready for clinical use: what the entries of the ledger state of exactly the files that are on the shelf."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from edge.feedback.ledger.entry import Entry, Kind, Subject
from edge.feedback.ledger.errors import LedgerIncomplete

ADD = "An administrator writes and signs it: sonoedge model ledger add {release}"


class Standing(str, Enum):
    """Only a complete one admits a release; each other one names what is missing."""

    COMPLETE = "complete"
    NONE = "none"
    IN_USE = "in-use"
    OTHER_FILES = "other-files"
    DAMAGED = "damaged"


def standing_of(subject: Subject, entries: Sequence[Entry]) -> tuple[Standing, Entry | None]:
    """What the entries, the newest first, state of a release, and the one that counts.

    The entry of the program counts where a later one is damaged, so that a damaged database locks nobody out of the built-in releases.
    """
    of_release = [each for each in entries if each.release == subject.ident]
    of_files = [each for each in of_release if each.release_sha256 == subject.sha256]
    if not of_files:
        return (Standing.OTHER_FILES, of_release[0]) if of_release else (Standing.NONE, None)
    newest, program = of_files[0], [each for each in of_files if each.change and each.change.kind is Kind.BUILT_IN]
    if newest.complete:
        return Standing.COMPLETE, newest
    if program:
        return Standing.COMPLETE, program[0]
    return (Standing.IN_USE if newest.change else Standing.DAMAGED), newest


def refusal(standing: Standing, release: str) -> LedgerIncomplete:
    """Why a release with this standing, which is not complete, is not activated."""
    return _REFUSALS[standing](release)


_REFUSALS: Mapping[Standing, Callable[[str], LedgerIncomplete]] = {
    Standing.NONE: lambda release: LedgerIncomplete(
        "The ledger of model changes has no entry of {release}: description, verification protocol, impact assessment and signature "
        "are missing",
        ADD,
        says="ledger_none",
        release=release,
    ),
    Standing.IN_USE: lambda release: LedgerIncomplete(
        "The ledger states only that {release} was in use before it had an entry: description, verification protocol, impact assessment "
        "and signature are missing",
        ADD,
        says="ledger_in_use",
        release=release,
    ),
    Standing.OTHER_FILES: lambda release: LedgerIncomplete(
        "The files of {release} are not those for which its ledger entry was signed: an entry of these files is missing",
        ADD,
        says="ledger_other_files",
        release=release,
    ),
    Standing.DAMAGED: lambda release: LedgerIncomplete(
        "The ledger entry of {release} cannot be used: it was changed after it was signed, or a newer program wrote it",
        ADD,
        says="ledger_damaged",
        release=release,
    ),
}
