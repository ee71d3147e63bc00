"""The ledger of model changes in the API: the entries, and what a person signs."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from edge.api.view import ApplianceView
from edge.feedback.ledger.entry import AcceptedHere, Entry, Kind, Parts, PartText, ShadowResult
from edge.inference.release_files import Digest
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.services.ledger import NewEntry


class LedgerIn(BaseModel):
    """An entry to sign. `release_sha256` is the digest of the release's manifest that the person saw, null for whatever is there.

    `supersedes` is the id of the newest entry of these files that is not built in, null where there is none.
    """

    model_config = ConfigDict(extra="forbid")

    release: str = Field(min_length=1, max_length=120)
    description: PartText
    protocol: PartText
    impact: PartText
    release_sha256: Digest | None = None
    supersedes: str | None = Field(None, max_length=60)


class LedgerEntryOut(BaseModel):
    """An entry of the ledger.

    `kind` is `signed` by a person, `built-in` with the program, or `in-use`: the release was in use before it had an entry. It is null
    where the stored entry is damaged. Only a `complete` entry admits its release. `at` is null for an entry of the program. `shadow` is
    what a shadow of the release measured, null where none was measured; `acceptances` held when the entry was signed.
    """

    id: str
    release: str
    release_sha256: str
    kind: Kind | None
    complete: bool
    by: str
    at: datetime | None
    supersedes: str | None
    description: str
    protocol: str
    impact: str
    shadow: ShadowResult | None
    acceptances: list[AcceptedHere]


class LedgerOut(BaseModel):
    """The entries that people signed, the newest first, then those of the program."""

    entries: list[LedgerEntryOut]
    notice: str = NOTICE


def entry_of(entry: Entry) -> LedgerEntryOut:
    change = entry.change
    parts = change.parts if change else None
    return LedgerEntryOut(
        id=entry.id,
        release=entry.release,
        release_sha256=entry.release_sha256,
        kind=change.kind if change else None,
        complete=entry.complete,
        by=entry.by,
        at=entry.at,
        supersedes=entry.supersedes,
        description=parts.description if parts else "",
        protocol=parts.protocol if parts else "",
        impact=parts.impact if parts else "",
        shadow=change.shadow if change else None,
        acceptances=list(change.acceptances) if change else [],
    )


def ledger_of(view: ApplianceView, actor: Actor, release: str | None) -> LedgerOut:
    """Reads the records."""
    return LedgerOut(entries=[entry_of(each) for each in view.models.ledger.listed(actor, release)])


def sign(view: ApplianceView, actor: Actor, given: LedgerIn) -> LedgerEntryOut:
    """Reads the release, and waits for the disk."""
    parts = Parts(description=given.description, protocol=given.protocol, impact=given.impact)
    new = NewEntry(given.release, parts, given.release_sha256, given.supersedes)
    return entry_of(view.models.ledger.sign(actor, new, view.models.status.shadow))
