"""Operators, sessions and credentials in the API. They hold no PIN and no hash, and no token except the client's own."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from edge.people.actor import Actor
from edge.people.names import Badge, Name
from edge.people.permission import Role
from edge.people.standing import Kind, Standing
from edge.records.people.credentials import Event, NewEvent
from edge.records.people.operators import StoredOperator
from edge.records.schema import ANY

PIN_EXAMPLE = "482915"
PinText = Annotated[str, Field(min_length=4, max_length=12, pattern="^[0-9]+$", examples=[PIN_EXAMPLE], repr=False)]
ProtocolId = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^([a-z0-9][a-z0-9.-]*|\*)$", examples=["blue-6"])]


class In(BaseModel):
    """The base of all requests; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class OperatorIn(In):
    """A person to enrol: `badge`, `name`, and a first PIN, which the person should change."""

    badge: Badge = Field(examples=["n-017"])
    name: Name = Field(examples=["Almaz Bekele"])
    pin: PinText


class ClaimIn(OperatorIn):
    """The first administrator. `code` is the one-time code of the appliance, where `GET sessions/current` states that it is needed."""

    code: str = Field("", max_length=40)


class OperatorChangeIn(In):
    """The changes of an operator. A person who leaves is retired; this cannot be undone."""

    name: Name | None = None
    retired: bool = False


class GrantIn(In):
    """A role to grant. `protocol` is an id, or `*` for all protocols."""

    role: Role
    protocol: ProtocolId = ANY


class PinIn(In):
    pin: PinText


class SignInIn(In):
    """`name` is the badge or the name."""

    name: str = Field(min_length=1, max_length=200, examples=["n-017"])
    pin: PinText


class BreakGlassIn(In):
    """Why a person who cannot sign in must scan."""

    reason: Annotated[Name, Field(examples=["Unconscious in the corridor, nobody else is here"])]


class CredentialIn(In):
    """One entry of the ledger. Only an assessment (LUS-OSAUS) has `items` (1 to 5 points by item) and the `version` of its form."""

    kind: Kind
    protocol: ProtocolId
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    items: dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[int, Field(ge=1, le=5)]] = Field({}, max_length=20)
    version: str = Field("", max_length=40)
    note: str = Field("", max_length=1000)

    def event(self) -> NewEvent:
        items = tuple(self.items.items())
        return NewEvent(self.protocol, self.kind.value, self.valid_from, self.valid_to, items=items, version=self.version, note=self.note)


class GrantOut(BaseModel):
    id: str
    role: str
    protocol: str
    given_at: datetime
    given_by: str


class OperatorOut(BaseModel):
    """`locked`: a supervisor must unlock the operator. `failures` counts wrong PINs in a row."""

    id: str
    badge: str
    name: str
    grants: list[GrantOut]
    created_at: datetime
    retired_at: datetime | None
    failures: int
    locked: bool
    version: int


class SessionOut(BaseModel):
    """The current session. Send `csrf_token` as X-CSRF-Token with each change.

    `kind` is operator, break-glass, nobody or unclaimed. `qualified_for` lists the protocols for which the operator is qualified: their
    results are not preliminary. `claim_needs_code` is null where the appliance has an administrator; else it states whether a claim from
    here needs the one-time code, which the console of the appliance, its log and `sonoedge operator code` show.
    """

    kind: str
    name: str
    operator_id: str | None
    grants: list[GrantIn]
    qualified_for: list[str]
    pin_fresh: bool
    ends_at: datetime | None
    csrf_token: str | None
    claim_needs_code: bool | None = None


class CredentialOut(BaseModel):
    id: str
    kind: str
    protocol: str
    at: datetime
    by: str
    valid_from: datetime | None
    valid_to: datetime | None
    score: int | None
    items: dict[str, int]
    version: str
    note: str


class StandingOut(BaseModel):
    """`missing` states why an operator is not qualified; `expires_at` is when the qualification ends without a new entry."""

    protocol: str
    qualified: bool
    missing: list[str]
    expires_at: datetime | None
    counted: int
    needed: int


def operator_out(operator: StoredOperator) -> OperatorOut:
    return OperatorOut(
        id=operator.id,
        badge=operator.badge,
        name=operator.name,
        grants=[GrantOut(id=g.id, role=g.role, protocol=g.protocol, given_at=g.given_at, given_by=g.given_by) for g in operator.grants],
        created_at=operator.created_at,
        retired_at=operator.retired_at,
        failures=operator.failures,
        locked=operator.locked_at is not None,
        version=operator.version,
    )


def session_out(actor: Actor, ends_at: datetime | None, csrf: str | None, *, claim_needs_code: bool | None = None) -> SessionOut:
    return SessionOut(
        kind=actor.kind,
        name=actor.name,
        operator_id=actor.operator_id,
        grants=[GrantIn(role=grant.role, protocol=grant.protocol) for grant in actor.grants],
        qualified_for=sorted(actor.qualified_for),
        pin_fresh=actor.session_id is not None and actor.operator_id is not None and actor.pin_fresh,
        ends_at=ends_at,
        csrf_token=csrf,
        claim_needs_code=claim_needs_code,
    )


def credential_out(event: Event) -> CredentialOut:
    return CredentialOut(
        id=event.id,
        kind=event.kind,
        protocol=event.protocol,
        at=event.at,
        by=event.by,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
        score=event.score,
        items=dict(event.items),
        version=event.version,
        note=event.note,
    )


def standing_out(protocol: str, found: Standing) -> StandingOut:
    return StandingOut(
        protocol=protocol,
        qualified=found.qualified,
        missing=list(found.missing),
        expires_at=found.expires_at,
        counted=found.counted,
        needed=found.needed,
    )
