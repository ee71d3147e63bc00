"""The tables. Rows are added and amended, never reused; a statement of a person or the model stays when a later one replaces it."""

from datetime import datetime

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edge.records.answer_row import AnswerRow
from edge.records.base import Base
from edge.records.columns import NULLABLE_JSON, Json
from edge.records.discordance.row import ClosingRow
from edge.records.drift.row import DriftRow
from edge.records.failure_row import FailureRow
from edge.records.model_change_row import ModelChangeRow
from edge.records.outbox.row import DeliveredObjectRow, DeliveryRow
from edge.records.outcomes.row import OutcomeRow
from edge.records.setting_row import SettingRow

__all__ = ["AnswerRow", "Base", "DeliveredObjectRow", "DeliveryRow", "FailureRow", "ModelChangeRow", "OutcomeRow", "SettingRow"]
__all__ += ["ClosingRow", "DriftRow"]

ANY = "*"
"""Stands for every protocol in a grant."""


def _body_field(name: str) -> Computed:
    """A field of an entry's body; null where the body is not valid JSON, so that the table can still be read and verified."""
    return Computed(f"CASE WHEN json_valid(body) THEN json_extract(body, '$.{name}') END", persisted=False)


class AuditRow(Base):
    """One entry of the chain. `body` is its canonical JSON (RFC 8785) and its only source: the other columns are computed from it."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    actor: Mapped[str | None] = mapped_column(Text, _body_field("actor"), index=True)
    act: Mapped[str | None] = mapped_column(Text, _body_field("act"), index=True)
    subject: Mapped[str | None] = mapped_column(Text, _body_field("subject"), index=True)


class AuditTipRow(Base):
    """One row: the newest entry, signed, so that a chain that was cut short is noticed. `at` is the latest trusted time."""

    __tablename__ = "audit_tip"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]
    at: Mapped[datetime]
    signature: Mapped[str]


class OperatorRow(Base):
    """A person. `badge` is the name to sign in with, compared without case; the failures are those of all places."""

    __tablename__ = "operator"

    id: Mapped[str] = mapped_column(primary_key=True)
    badge: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    pin_hash: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class GrantRow(Base):
    """A role under one protocol, or under every one. A date ends it; it is never deleted."""

    __tablename__ = "grant"

    id: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[str] = mapped_column(ForeignKey("operator.id"), index=True)
    role: Mapped[str]
    protocol: Mapped[str]
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]


class CredentialRow(Base):
    """One event in the ledger of what an operator has learnt and shown; rows are only added."""

    __tablename__ = "credential"

    id: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[str] = mapped_column(ForeignKey("operator.id"), index=True)
    protocol: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    detail: Mapped[Json]


class SessionRow(Base):
    """An operator who signed in. Only the digest of the token is stored. Without an operator it is break-glass, for the `reason` given."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("operator.id"), index=True)
    reason: Mapped[str]
    address: Mapped[str]
    begun_at: Mapped[datetime]
    used_at: Mapped[datetime]
    pin_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PatientRow(Base):
    """The examined person, as far as known. The same identifier of the same issuer is one patient.

    `dicom_name` is the name exactly as a worklist scheduled it (a PN, PS3.5 6.2), null where none did.
    """

    __tablename__ = "patient"
    __table_args__ = (UniqueConstraint("issuer", "identifier"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    identifier: Mapped[str]
    name: Mapped[str]
    birth_date: Mapped[str | None]
    sex: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    dicom_name: Mapped[str | None]


class ExamRow(Base):
    """One exam: the columns are those of `ExamFacts`, and `facts` holds every fact without a column of its own.

    `state` is draft while it is taken, then preliminary, final, amended. `folder` holds its clips, below `exams`. `zone_states` is
    `Exam.as_record()`; `zones` holds the same for the previous release (`edge.records.exams.zones_v1`).
    """

    __tablename__ = "exam"
    __table_args__ = (Index("exam_by_state", "state", "begun_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    study_uid: Mapped[str] = mapped_column(unique=True)
    folder: Mapped[str] = mapped_column(unique=True)
    protocol: Mapped[str]
    protocol_version: Mapped[str]
    protocol_digest: Mapped[str]
    state: Mapped[str]
    zones: Mapped[Json]
    context: Mapped[Json]
    emergency: Mapped[bool]
    simulated: Mapped[bool]
    qualified: Mapped[bool]
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("operator.id"), index=True)
    operator: Mapped[str]
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    over_read: Mapped[list[str]]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    session_id: Mapped[str | None]
    facts: Mapped[Json | None] = mapped_column(NULLABLE_JSON)
    zone_states: Mapped[Json | None] = mapped_column(NULLABLE_JSON)


class ProtocolTextRow(Base):
    """The text of a protocol under which exams were begun; `digest` is the SHA-256 of `text`, so that a changed text is noticed."""

    __tablename__ = "protocol_text"

    digest: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str]
    version: Mapped[str]
    text: Mapped[str]
    stored_at: Mapped[datetime]


class ClipRow(Base):
    """One recording of one zone. `first` and `last` are the sequence numbers of its clip; `superseded_at`: the zone was taken again.

    `file_state` is whole, absent, damaged or removed; the file's name is relative to the exam's folder, empty where none could be made.
    `assessment` is `edge.records.exams.assessment.Assessment`, null where the clip was recorded by a program of revision 0001.
    """

    __tablename__ = "clip"

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    zone: Mapped[str]
    file: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    file_state: Mapped[str]
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str]
    overridden: Mapped[list[str]]
    quality: Mapped[float]
    kept_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    assessment: Mapped[Json | None] = mapped_column(NULLABLE_JSON)


class FindingRow(Base):
    """The model's answer on a clip, and a person's decision on it. `verdict` is present, absent or unsure.

    `decision` is open, accepted, rejected, edited or not_assessable; `decided` is the person's own verdict where it was edited.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("finding_by_decision", "decision", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"), index=True)
    zone: Mapped[str]
    key: Mapped[str]
    release: Mapped[str]
    probability: Mapped[float]
    logit: Mapped[float]
    prediction: Mapped[list[str]]
    verdict: Mapped[str]
    reason: Mapped[str]
    code: Mapped[str]
    novelty: Mapped[float | None]
    said_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(default="open")
    decided: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class ReviewRow(Base):
    """A reader's own answer, zone by zone. While `saved_at` is null, a blind reader sees no answer of the model or of another reader."""

    __tablename__ = "review"

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    kind: Mapped[str]
    blind: Mapped[bool]
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("operator.id"), index=True)
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    zones: Mapped[Json]
    quality: Mapped[Json]
    comment: Mapped[str]
    discordant: Mapped[list[str]]
    supersedes: Mapped[str | None] = mapped_column(ForeignKey("review.id"))
    version: Mapped[int] = mapped_column(default=1)


class ReportRow(Base):
    """A report as issued: `body` is canonical JSON and never changes; an amendment is another row with the next `number`."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    number: Mapped[int]
    status: Mapped[str]
    body: Mapped[str]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    why: Mapped[str]


class NoticeRow(Base):
    """An event that everyone must know until a person marks it as seen, such as a restored database or a lost clip."""

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    what: Mapped[str]
    fix: Mapped[str]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None]
