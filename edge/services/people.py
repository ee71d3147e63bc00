"""Operators, their roles and credentials: what an administrator and a supervisor do, for the API and the shell alike."""

from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from edge.disk.layout import DataFolder
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.people.actor import Actor
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
"""Roles over the appliance itself: they are not held under one protocol."""
LOOKERS = (Verb.VOUCH, Verb.UNLOCK)
"""One of these is needed to see other operators than oneself."""
ITEM = range(1, 6)
"""Points of an item of LUS-OSAUS (PMID 32266687)."""
LONGEST_NOTE = 1000
_BADGE: TypeAdapter[str] = TypeAdapter(Badge)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class NameRefused(InputRefused):
    """A badge or a name cannot be."""

    code = "name-refused"


class GrantRefused(InputRefused):
    """A role cannot be held so."""

    code = "grant-refused"


class CredentialRefused(InputRefused):
    """The ledger does not take this."""

    code = "credential-refused"


@dataclass(frozen=True, slots=True)
class StandingUnder:
    """An operator's standing under one protocol."""

    protocol: str
    standing: Standing


class PeopleService:
    """Any thread may use it."""

    def __init__(self, store: Store, policy: SitePolicy, pins: PinHasher, catalogue: Catalogue) -> None:
        self.policy = policy
        self._catalogue = catalogue
        self.sign_in = SignInService(store, policy, pins)
        self._store, self._pins = store, pins
        self._operators, self._credentials, self._attempts = Operators(store), Credentials(store), Attempts(store)

    @classmethod
    def of(cls, store: Store) -> "PeopleService":
        """Of the data folder in which the records lie.

        Raises:
            PolicyInvalid: the site's policy file cannot be used.
        """
        folder = store.path.parent
        return cls(store, load_policy(folder), pins_of(folder), load_catalogue(DataFolder(folder).protocols))

    def claim(self, actor: Actor, badge: str, name: str, pin: str) -> StoredOperator:
        """Enrols the first administrator of an appliance that has none.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
            AlreadyClaimed: it has.
            NameRefused, PinRefused: see `enrol`.
        """
        actor.require(Verb.SIGN_IN)
        return self._operators.claim(self._new(badge, name, pin))

    def listed(self, actor: Actor, limit: int, after: str | None = None) -> tuple[StoredOperator, ...]:
        """Those enrolled last first.

        Raises:
            NotAllowed: the actor neither vouches nor unlocks.
        """
        actor.require_any(*LOOKERS)
        return self._operators.newest(limit, after)

    def get(self, actor: Actor, operator_id: str) -> StoredOperator:
        """One operator.

        Raises:
            NotAllowed: it is another operator, and the actor neither vouches nor unlocks.
            RecordUnknown: there is none with this id.
        """
        _require_sight(actor, operator_id)
        return self._operators.get(operator_id)

    def with_badge(self, actor: Actor, badge: str) -> StoredOperator:
        """The operator who has or had a badge.

        Raises:
            NotAllowed: it is another operator, and the actor neither vouches nor unlocks.
            RecordUnknown: nobody has it.
        """
        try:
            found = self._operators.with_badge(badge)
        except RecordUnknown:
            actor.require_any(*LOOKERS)  # to others an unknown badge looks like a known one
            raise
        _require_sight(actor, found.id)
        return found

    def enrol(self, actor: Actor, badge: str, name: str, pin: str) -> StoredOperator:
        """Somebody new, who may look and scan: roles are given apart.

        Raises:
            NotAllowed: the actor is no administrator.
            NameRefused: the badge or the name is empty, too long, or holds what cannot be seen.
            PinRefused: the PIN is too easy to guess.
            OperatorRefused: the badge is taken.
        """
        actor.require(Verb.ENROL)
        return self._operators.add(actor.name, self._new(badge, name, pin))

    def change(self, actor: Actor, operator_id: str, name: str | None, *, retire: bool, seen: int | None = None) -> StoredOperator:
        """Another name where one is given, or the end of somebody's work here; what they did stays theirs.

        Raises:
            NotAllowed, NameRefused, RecordUnknown: nothing was changed.
            RecordStale: somebody else changed the operator meanwhile.
            OperatorRefused: they are retired already, or the last administrator.
        """
        actor.require(Verb.ENROL)
        told = None if name is None else _named(_NAME, "name", name)
        return self._operators.change(actor.name, operator_id, told, retire=retire, seen=seen)

    def grant(self, actor: Actor, operator_id: str, role: Role, protocol: str = ANY) -> StoredOperator:
        """A role more.

        Raises:
            NotAllowed, RecordUnknown, OperatorRefused, ProtocolUnknown: it is not given.
            GrantRefused: the role is not held under one protocol.
        """
        actor.require(Verb.ENROL)
        if role in EVERYWHERE and protocol != ANY:
            raise GrantRefused(f"The role {role.value} is over the whole appliance", f"Give it under {ANY}")
        if protocol != ANY:
            self._catalogue.named(protocol)
        return self._operators.grant(actor.name, operator_id, role.value, protocol)

    def revoke(self, actor: Actor, operator_id: str, grant_id: str) -> StoredOperator:
        """Takes a role away.

        Raises:
            NotAllowed, RecordUnknown: it is not taken.
            OperatorRefused: it is the last administrator's.
        """
        actor.require(Verb.ENROL)
        return self._operators.revoke(actor.name, operator_id, grant_id)

    def set_pin(self, actor: Actor, operator_id: str, pin: str) -> StoredOperator:
        """Another PIN; one's own only after the old one was given.

        Raises:
            NotAllowed, PinNeeded, PinRefused, RecordUnknown: it is not set.
        """
        if actor.operator_id != operator_id:
            actor.require(Verb.ENROL)
        actor.require_pin()
        operator = self._operators.get(operator_id)
        hashed = self._pins.keep(good(pin, shortest=self.policy.shortest_pin, unlike=operator.badge))
        return self._operators.set_pin(actor.name, operator_id, hashed, actor.session_id)

    def unlock(self, actor: Actor, operator_id: str) -> StoredOperator:
        """Lets somebody sign in again.

        Raises:
            NotAllowed, RecordUnknown: nothing was changed.
        """
        actor.require(Verb.UNLOCK)
        return self._attempts.unlock(actor.name, operator_id)

    def credentials(self, actor: Actor, operator_id: str) -> tuple[Event, ...]:
        """The ledger of one operator, oldest first.

        Raises:
            NotAllowed, RecordUnknown: see `get`.
        """
        _require_sight(actor, operator_id)
        return self._credentials.of(operator_id)

    def vouch(self, actor: Actor, operator_id: str, new: NewEvent) -> Event:
        """Enters something that somebody has learnt or shown.

        Raises:
            NotAllowed: the actor may not vouch under this protocol.
            ProtocolUnknown: there is no such protocol.
            CredentialRefused: nobody vouches for themselves; or what is to be entered contradicts itself.
            RecordUnknown: there is no such operator.
        """
        actor.require(Verb.VOUCH, new.protocol)
        if actor.operator_id == operator_id:
            raise CredentialRefused("Nobody vouches for themselves", "Ask another supervisor")
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
        told = _named(_BADGE, "badge", badge)
        checked = good(pin, shortest=self.policy.shortest_pin, unlike=told)
        return NewOperator(told, _named(_NAME, "name", name), self._pins.keep(checked))

    def _fitting(self, new: NewEvent) -> NewEvent:
        if new.protocol == ANY:
            raise CredentialRefused("A credential is for one protocol", "Name it")
        self._catalogue.named(new.protocol)
        now = self._store.now()
        begins = new.valid_from or now
        ends = new.valid_to
        if new.kind == Kind.SIGN_OFF.value and ends is None:
            ends = begins + timedelta(days=self.policy.of(new.protocol).sign_off_days)
        if ends is not None and ends <= begins:
            raise CredentialRefused("It would end before it begins", "Correct valid_from or valid_to")
        if (new.kind == Kind.ASSESSMENT.value) != bool(new.items and new.version):
            raise CredentialRefused("An assessment, and nothing else, has the points of its items and its version", "Give both, or neither")
        if any(points not in ITEM for _, points in new.items):
            raise CredentialRefused("An item of LUS-OSAUS has 1 to 5 points", "Correct the points")
        score = sum(points for _, points in new.items) if new.items else None
        return replace(new, valid_from=new.valid_from, valid_to=ends, score=score)


def _require_sight(actor: Actor, operator_id: str) -> None:
    if actor.operator_id != operator_id:
        actor.require_any(*LOOKERS)


def _named(kind: TypeAdapter[str], what: str, said: str) -> str:
    try:
        return kind.validate_python(said)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise NameRefused(f"This {what} cannot be: {reason}", f"Correct the {what}") from error
