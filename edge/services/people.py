"""Operators, their roles and credentials: the acts of administrators and supervisors, for API and shell."""

from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from edge.disk.layout import DataFolder
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.people.actor import Actor
from edge.people.claims import Claims
from edge.people.names import Badge, Name
from edge.people.permission import Role, Verb
from edge.people.pin import PinHasher, good
from edge.people.pin_tuning import pins_of
from edge.people.policy import SitePolicy, load_policy
from edge.people.standing import Kind, Standing, standing
from edge.records.errors import RecordUnknown
from edge.records.people.attempts import Attempts
from edge.records.people.credentials import Credentials, Event, NewEvent
from edge.records.people.operators import NewOperator, Operators, StoredOperator
from edge.records.schema import ANY
from edge.records.store import Store
from edge.services.sign_in import SignInService
from firmware_bridge.errors import InputRefused

EVERYWHERE = frozenset({Role.ADMIN, Role.SERVICE})
"""Roles for the whole appliance: they are not given for one protocol."""
LOOKERS = (Verb.VOUCH, Verb.UNLOCK)
"""An actor needs one of these to see other operators."""
ITEM = range(1, 6)
"""Points of an item of LUS-OSAUS (PMID 32266687)."""
LONGEST_NOTE = 1000
_BADGE: TypeAdapter[str] = TypeAdapter(Badge)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class NameRefused(InputRefused):
    """A badge or a name is not valid."""

    code = "name-refused"
    says_code = "name_refused"


class GrantRefused(InputRefused):
    """A role cannot be given in this way."""

    code = "grant-refused"


class CredentialRefused(InputRefused):
    """The ledger refuses this entry."""

    code = "credential-refused"


@dataclass(frozen=True, slots=True)
class StandingUnder:
    """An operator's standing under one protocol."""

    protocol: str
    standing: Standing


class PeopleService:
    """Any thread may use it."""

    def __init__(self, store: Store, policy: SitePolicy, pins: PinHasher, catalogue: Catalogue) -> None:
        self.policy, self._catalogue = policy, catalogue
        self.sign_in = SignInService(store, policy, pins)
        self._store, self._pins, self._claims = store, pins, Claims(store)
        self._operators, self._credentials, self._attempts = Operators(store), Credentials(store), Attempts(store)

    @classmethod
    def of(cls, store: Store) -> "PeopleService":
        """The people of the data folder that holds the records.

        Raises:
            PolicyInvalid: the site's policy file cannot be used.
        """
        folder = store.path.parent
        return cls(store, load_policy(folder), pins_of(folder), load_catalogue(DataFolder(folder).protocols))

    def claim(self, actor: Actor, badge: str, name: str, pin: str, *, code: str = "", address: str = "") -> StoredOperator:
        """Enrols the first administrator of an appliance that has none.

        `address` is where the request comes from: a person who is neither at the board nor at its shell needs the one-time `code`.

        Raises:
            AlreadyClaimed: the appliance has an administrator.
            ClaimCodeNeeded, ClaimWaits: this is not the code, or too many wrong ones came from this place.
            NotAllowed, NameRefused, PinRefused: see `enrol`.
        """
        actor.require(Verb.SIGN_IN)
        self._operators.require_none()
        self._claims.require(actor, code, address)
        made = self._operators.claim(self._new(badge, name, pin), actor.name)
        self._claims.mark()
        return made

    def claim_code(self, actor: Actor) -> str:
        """The one-time code with which a page claims an appliance without an administrator.

        Raises:
            NotAllowed: the actor is neither an administrator nor at the board's shell.
            NoCode: the appliance has an administrator.
        """
        actor.require(Verb.ENROL)
        return self._claims.code

    def needs_code(self, actor: Actor, address: str) -> bool | None:
        """Whether a claim from this address needs the one-time code; None: the appliance has an administrator.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
        """
        actor.require(Verb.SIGN_IN)
        return self._claims.needs_code(address)

    def listed(self, actor: Actor, limit: int, after: str | None = None) -> tuple[StoredOperator, ...]:
        """The operators, the newest first.

        Raises:
            NotAllowed: the actor is allowed neither to vouch nor to unlock.
        """
        actor.require_any(*LOOKERS)
        return self._operators.newest(limit, after)

    def get(self, actor: Actor, operator_id: str) -> StoredOperator:
        """One operator.

        Raises:
            NotAllowed: it is another operator, and the actor is allowed neither to vouch nor to unlock.
            RecordUnknown: nothing has this id.
        """
        _require_sight(actor, operator_id)
        return self._operators.get(operator_id)

    def with_badge(self, actor: Actor, badge: str) -> StoredOperator:
        """The operator who has or had a badge.

        Raises:
            NotAllowed, RecordUnknown: see `get`.
        """
        try:
            found = self._operators.with_badge(badge)
        except RecordUnknown:
            actor.require_any(*LOOKERS)  # to others an unknown badge looks like a known one
            raise
        _require_sight(actor, found.id)
        return found

    def enrol(self, actor: Actor, badge: str, name: str, pin: str) -> StoredOperator:
        """Adds an operator, who is allowed to look and scan; roles are given separately.

        Raises:
            NotAllowed: the actor is not an administrator.
            NameRefused: the badge or the name is empty, too long, or has invisible characters.
            PinRefused: the PIN is too easy to guess.
            OperatorRefused: the badge is taken.
        """
        actor.require(Verb.ENROL)
        return self._operators.add(actor.name, self._new(badge, name, pin))

    def change(self, actor: Actor, operator_id: str, name: str | None, *, retire: bool, seen: int | None = None) -> StoredOperator:
        """Changes the name of an operator, or retires the operator; the records of their work stay.

        Raises:
            NotAllowed, NameRefused, RecordUnknown: nothing was changed.
            RecordStale: the operator was changed by another request.
            OperatorRefused: they are retired already, or the last administrator.
        """
        actor.require(Verb.ENROL)
        new_name = None if name is None else _named(_NAME, "name", name)
        return self._operators.change(actor.name, operator_id, new_name, retire=retire, seen=seen)

    def grant(self, actor: Actor, operator_id: str, role: Role, protocol: str = ANY) -> StoredOperator:
        """Gives an operator a role.

        Raises:
            NotAllowed, RecordUnknown, OperatorRefused, ProtocolUnknown: the role is not given.
            GrantRefused: the role cannot be given for one protocol.
        """
        actor.require(Verb.ENROL)
        if role in EVERYWHERE and protocol != ANY:
            raise GrantRefused(f"The role {role.value} is for the whole appliance", f"Give it under {ANY}", says="role_for_all")
        if protocol != ANY:
            self._catalogue.named(protocol)
        return self._operators.grant(actor.name, operator_id, role.value, protocol)

    def revoke(self, actor: Actor, operator_id: str, grant_id: str) -> StoredOperator:
        """Removes a role from an operator.

        Raises:
            NotAllowed, RecordUnknown: the role is not removed.
            OperatorRefused: the operator is the last administrator.
        """
        actor.require(Verb.ENROL)
        return self._operators.revoke(actor.name, operator_id, grant_id)

    def set_pin(self, actor: Actor, operator_id: str, pin: str) -> StoredOperator:
        """Sets a PIN; operators set their own PIN only after they gave the old one.

        Raises:
            NotAllowed, PinNeeded, PinRefused, RecordUnknown: the PIN is not set.
        """
        if actor.operator_id != operator_id:
            actor.require(Verb.ENROL)
        actor.require_pin()
        operator = self._operators.get(operator_id)
        hashed = self._pins.keep(good(pin, shortest=self.policy.shortest_pin, unlike=operator.badge))
        return self._operators.set_pin(actor.name, operator_id, hashed, actor.session_id)

    def unlock(self, actor: Actor, operator_id: str) -> StoredOperator:
        """Unlocks an operator, who can then sign in again.

        Raises:
            NotAllowed, RecordUnknown: nothing was changed.
        """
        actor.require(Verb.UNLOCK)
        return self._attempts.unlock(actor.name, operator_id)

    def credentials(self, actor: Actor, operator_id: str) -> tuple[Event, ...]:
        """The ledger of one operator, the oldest entry first.

        Raises:
            NotAllowed, RecordUnknown: see `get`.
        """
        _require_sight(actor, operator_id)
        return self._credentials.of(operator_id)

    def vouch(self, actor: Actor, operator_id: str, new: NewEvent) -> Event:
        """Records a course, an assessment or another credential of an operator.

        Raises:
            NotAllowed: the actor is not allowed to vouch under this protocol.
            ProtocolUnknown: no protocol has this id.
            CredentialRefused: operators vouch for themselves, or the entry contradicts itself.
            RecordUnknown: no operator has this id.
        """
        actor.require(Verb.VOUCH, new.protocol)
        if actor.operator_id == operator_id:
            raise CredentialRefused("You cannot vouch for yourself", "Ask another supervisor")
        return self._credentials.add(actor.name, operator_id, self._fitting(new))

    def standing(self, actor: Actor, operator_id: str, protocol: str) -> Standing:
        """Whether an operator is qualified now under a protocol, and what is missing.

        Raises:
            NotAllowed, RecordUnknown: see `get`.
        """
        _require_sight(actor, operator_id)
        events = [event for event in self._credentials.of(operator_id) if event.protocol == protocol]
        counted = self._credentials.counted(operator_id, protocol, self.policy.min_quality)
        return standing(events, counted, self.policy.of(protocol), self._store.now())

    def standings(self, actor: Actor, operator_id: str) -> tuple[StandingUnder, ...]:
        """The standing under every protocol that the ledger names.

        Raises:
            NotAllowed, RecordUnknown: see `get`.
        """
        protocols = dict.fromkeys(event.protocol for event in self.credentials(actor, operator_id))
        return tuple(StandingUnder(protocol, self.standing(actor, operator_id, protocol)) for protocol in protocols)

    def _new(self, badge: str, name: str, pin: str) -> NewOperator:
        checked_badge = _named(_BADGE, "badge", badge)
        checked = good(pin, shortest=self.policy.shortest_pin, unlike=checked_badge)
        return NewOperator(checked_badge, _named(_NAME, "name", name), self._pins.keep(checked))

    def _fitting(self, new: NewEvent) -> NewEvent:
        if new.protocol == ANY:
            raise CredentialRefused("A credential is for one protocol", "Name the protocol")
        self._catalogue.named(new.protocol)
        now = self._store.now()
        begins = new.valid_from or now
        ends = new.valid_to
        if new.kind == Kind.SIGN_OFF.value and ends is None:
            ends = begins + timedelta(days=self.policy.of(new.protocol).sign_off_days)
        if ends is not None and ends <= begins:
            raise CredentialRefused("The credential ends before it begins", "Correct valid_from or valid_to")
        if (new.kind == Kind.ASSESSMENT.value) != bool(new.items and new.version):
            raise CredentialRefused("Only an assessment has the points of its items and a version", "Give both, or neither")
        if any(points not in ITEM for _, points in new.items):
            raise CredentialRefused("An item of LUS-OSAUS has 1 to 5 points", "Correct the points")
        score = sum(points for _, points in new.items) if new.items else None
        return replace(new, valid_from=new.valid_from, valid_to=ends, score=score)


def _require_sight(actor: Actor, operator_id: str) -> None:
    if actor.operator_id != operator_id:
        actor.require_any(*LOOKERS)


def _named(kind: TypeAdapter[str], what: str, value: str) -> str:
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise NameRefused(f"This {what} is not valid: {reason}", f"Correct the {what}") from error
