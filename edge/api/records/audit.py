"""The audit trail: who did what to which record and when, whether the trail is intact, and its export for verification elsewhere."""

import re
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from edge.api.pages import Cursor, CursorUnreadable, Page, page_of
from edge.api.who import Who
from edge.records.audit.chain import Fault, Verdict, Wrong
from edge.records.audit.trail import StoredEntry
from edge.services.audit import AuditService

JSON_LINES = "application/jsonl"

ENTRY: JsonDict = {
    "seq": 17,
    "hash": "9f1c" * 16,
    "at": "2026-11-25T10:08:47.879027Z",
    "actor": "Alemu Bekele",
    "act": "finding.decided",
    "subject": "finding/0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a10",
    "detail": {"decision": "accepted"},
}
NUMBER = re.compile(r"[0-9]{1,15}")
Filter = Annotated[str | None, Query(max_length=200)]


class AuditView(Protocol):
    """The parts of the appliance that these routes use."""

    @property
    def audit(self) -> AuditService: ...


class AuditEntryOut(BaseModel):
    """One entry. If it was made unreadable, only its number and digest are not null; verification reports it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENTRY]})

    seq: int
    hash: str
    at: datetime | None = None
    actor: str | None = None
    act: str | None = None
    subject: str | None = None
    detail: dict[str, object] | None = None


class AuditHeadOut(BaseModel):
    """The newest entry, signed now; null without entries. `fingerprint` is the SHA-256 of `public_key` (PEM)."""

    seq: int | None
    hash: str | None
    at: str | None
    signature: str | None
    public_key: str
    fingerprint: str


class FaultOut(BaseModel):
    """The first entry that was changed since it was written, and its fault."""

    entry: int
    wrong: Wrong
    says: str


class VerdictOut(BaseModel):
    """Whether the trail is intact; `entries` counts the intact entries from the first one on."""

    whole: bool
    entries: int
    fault: FaultOut | None
    remarks: list[str]


def add_routes(routes: APIRouter, view: AuditView) -> None:
    @routes.get("/audit", summary="The audit trail, newest entry first; optionally of one actor, act or subject")
    def audit(cursor: Cursor, who: Who, actor: Filter = None, act: Filter = None, subject: Filter = None) -> Page[AuditEntryOut]:
        stored = view.audit.newest(who, cursor.fetch, _before(cursor.after), by=actor, act=act, subject=subject)
        return page_of(stored, cursor, _entry_out, lambda each: str(each.seq))

    @routes.get("/audit/head", summary="The newest entry, signed now; store it elsewhere, where it cannot be changed")
    def head(who: Who) -> AuditHeadOut:
        signed = view.audit.head(who)
        entry = signed.head.as_record() if signed.head else dict.fromkeys(("seq", "hash", "at", "signature"))
        return AuditHeadOut.model_validate({**entry, "public_key": signed.public, "fingerprint": signed.fingerprint})

    @routes.post("/audit/verify", summary="Verify the whole audit trail; 100,000 entries take about a second")
    def verify(who: Who) -> VerdictOut:
        return verdict_out(view.audit.verify(who))

    _add_export(routes, view)


def _add_export(routes: APIRouter, view: AuditView) -> None:
    @routes.get(
        "/audit/export",
        summary="The entries after a given one, the public key and a signed head, one JSON object per line; the export is recorded too",
        response_class=StreamingResponse,
        responses={200: {"content": {JSON_LINES: {"schema": {"type": "string"}}}, "description": "An export for `sonoedge audit verify`"}},
    )
    def exported(who: Who, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> StreamingResponse:
        lines = view.audit.export(who, after)
        return StreamingResponse(lines, media_type=JSON_LINES, headers={"Content-Disposition": 'attachment; filename="audit.jsonl"'})


def verdict_out(verdict: Verdict) -> VerdictOut:
    return VerdictOut(whole=verdict.whole, entries=verdict.entries, fault=_fault_out(verdict.fault), remarks=list(verdict.remarks))


def _fault_out(fault: Fault | None) -> FaultOut | None:
    return FaultOut(entry=fault.entry, wrong=fault.wrong, says=fault.says) if fault else None


def _entry_out(stored: StoredEntry) -> AuditEntryOut:
    entry = stored.entry
    if entry is None:
        return AuditEntryOut(seq=stored.seq, hash=stored.hash)
    return AuditEntryOut(
        seq=stored.seq, hash=stored.hash, at=entry.at, actor=entry.actor, act=entry.act, subject=entry.subject, detail=dict(entry.detail)
    )


def _before(after: str | None) -> int | None:
    if after is not None and not NUMBER.fullmatch(after):
        raise CursorUnreadable("The cursor belongs to another list", "Send `next` of the previous page, or no cursor to start again")
    return None if after is None else int(after)
