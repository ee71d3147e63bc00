"""Sign-in: a name and a PIN give a session, and the token of a session gives an actor, for API and shell."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotSignedIn, break_glass
from edge.people.claims import Claims
from edge.people.emergency import Emergencies
from edge.people.guesses import Guesses
from edge.people.permission import OPERATOR, Role, Verb
from edge.people.pin import PinHasher
from edge.people.place import SHELL, place_of
from edge.people.policy import SitePolicy
from edge.people.session import csrf_of, new_token
from edge.people.standing import standing
from edge.records.clock import Running, running
from edge.records.errors import RecordsFull
from edge.records.people.attempts import Attempts
from edge.records.people.credentials import Credentials
from edge.records.people.endings import Endings
from edge.records.people.operators import Operators, StoredOperator
from edge.records.people.sessions import Sessions, StoredSession
from edge.records.store import Store
from edge.services.strangers import Strangers, refused
from edge.services.turns import Turns

log = structlog.get_logger()

FLUSH = timedelta(minutes=1)
"""How often the use of a session is recorded."""


class SessionOver(NotSignedIn):
    """The session has ended."""

    code = "session-over"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: `token` is for the cookie, and each change must send `csrf`."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    actor: Actor
    ends_at: datetime


class SignInService:
    """Any thread may use it. `address` is where a request comes from, such as `192.0.2.7`."""

    def __init__(self, store: Store, policy: SitePolicy, pins: PinHasher, ran: Running = running) -> None:
        self._store, self._policy, self._pins, self._ran = store, policy, pins, ran
        self._operators, self._sessions, self._credentials = Operators(store), Sessions(store), Credentials(store)
        self._attempts, self._guesses = Attempts(store), Guesses(store, ran)
        self._emergencies = Emergencies(ran)
        self._claims = Claims(store)
        self._turns, self._strangers = Turns(), Strangers(self._attempts, store.now, ran)
        self._endings = Endings(self._sessions, ran)
        self._seen: dict[str, tuple[timedelta, timedelta]] = {}
        """The first and last use of each session, in seconds since the machine started: a clock change cannot make a session younger."""

    @property
    def claimed(self) -> bool:
        """Whether the appliance has an administrator, or had one before its records were lost: once claimed, it stays claimed."""
        return self._claims.claimed

    @property
    def stranger(self) -> Actor:
        """The actor of a request without a sign-in."""
        return NOBODY_ACTOR if self.claimed else UNCLAIMED_ACTOR

    def begin(self, actor: Actor, name: str, pin: str, address: str) -> SignedIn:
        """Signs in the person with this badge or name, and this PIN.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
            SignInRefused: nobody has them; it is counted. The answer must take the same time for known and unknown names.
            SignInWaits, SignInLocked: there were too many failures.
            SignInBusy: too many people sign in at the same time.
        """
        actor.require(Verb.SIGN_IN)
        token, known, place = new_token(), self._known(name, address), place_of(address)
        with self._turns.of(known.id, place):
            operator = self._identified(known.id, pin, address)
            session = self._sessions.begin(token, operator, address, place)
        self._strangers.audit_due()
        return self._signed_in(token, session, self._actor(operator, session, self._store.now()))

    def begin_break_glass(self, actor: Actor, reason: str, address: str) -> SignedIn:
        """Begins a session for a scan in an emergency; a notice informs everybody. It replaces an earlier one of the same place.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
            EmergencyWaits: too many such sessions began.
        """
        actor.require(Verb.SIGN_IN)
        self._emergencies.begin(address)
        token, place = new_token(), place_of(address)
        session = self._sessions.break_glass(token, reason, address, lambda other: place_of(other) == place)
        return self._signed_in(token, session, break_glass(session.id))

    def pin_again(self, actor: Actor, pin: str, address: str) -> None:
        """Checks the PIN again, before an act that cannot be undone.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
            SessionOver: nobody is signed in.
            SignInRefused, SignInWaits, SignInLocked, SignInBusy: see `begin`.
        """
        actor.require(Verb.SIGN_IN)
        if actor.operator_id is None or actor.session_id is None:
            raise SessionOver("No operator is signed in", "Sign in", says="nobody_signed_in")
        place = place_of(address)
        with self._turns.of(actor.operator_id, place):
            operator = self._operators.get(actor.operator_id)
            self._check(operator, pin, address)
            self._sessions.pin_given(actor.session_id, operator, place)

    def end(self, actor: Actor) -> None:
        """Signs out; the session is over at once, also if the disk cannot record it yet.

        Raises:
            NotAllowed: the actor is not allowed to sign in or out.
        """
        actor.require(Verb.SIGN_IN)
        if actor.session_id is not None:
            self._end(actor.session_id, actor.name, "session.ended")

    def actor(self, token: str | None, address: str, *, uses: bool = True) -> Actor:
        """The actor of a session. `uses`: a person made the request, not a page that refreshes by itself.

        Raises:
            SessionOver: the session has ended: unused for too long, too old, or used from another address.
        """
        if token is None:
            return self.stranger
        session, operator = self._sessions.find(token) or (None, None)
        self._endings.record_due()
        if session is None or session.ended_at is not None or self._endings.over(session.id):
            raise SessionOver("This session has ended", "Sign in again", says="session_over")
        now = self._store.now()
        self._require_open(session, operator, address, now)
        self._note_use(session, now, uses=uses)
        return break_glass(session.id) if operator is None else self._actor(operator, session, now)

    def here(self, name: str, pin: str) -> Actor:
        """The actor at the board's own shell.

        Raises:
            SignInRefused, SignInWaits, SignInLocked, SignInBusy: see `begin`.
        """
        known = self._known(name, SHELL)
        with self._turns.of(known.id, SHELL):
            operator = self._identified(known.id, pin, SHELL)
            self._attempts.at_the_board(operator, SHELL)
        return Actor(OPERATOR, operator.called, operator.id, _grants(operator), None, self._qualified_for(operator, self._store.now()))

    def deadline(self, actor: Actor, token: str) -> datetime | None:
        """The latest time at which a session ends.

        Raises:
            NotAllowed: the actor is not allowed to sign in.
        """
        actor.require(Verb.SIGN_IN)
        found = self._sessions.find(token)
        return self._ends_at(found[0]) if found else None

    def changes(self, actor: Actor) -> None:
        """Counts a change that an actor requests.

        Raises:
            NotAllowed: the actor is not allowed to look.
            EmergencyWaits: too many changes come from one emergency session.
        """
        actor.require(Verb.LOOK)
        if actor.confined_to is not None:
            self._emergencies.change(actor.confined_to)

    def denied(self, actor: Actor, what: str) -> None:
        """Records that a signed-in actor requested an act that is not allowed; a full disk does not change the answer."""
        try:
            with self._store.write(passing=True) as change:
                change.log(actor.name, "request.denied", f"session/{actor.session_id}", {"asked": what})
        except RecordsFull as error:
            log.warning("a refusal was not recorded", session=actor.session_id, problem=error.what)

    def _signed_in(self, token: str, session: StoredSession, actor: Actor) -> SignedIn:
        self._seen[session.id] = (self._ran(), self._ran())
        return SignedIn(token, csrf_of(token), actor, self._ends_at(session))

    def _ends_at(self, session: StoredSession) -> datetime:
        return session.begun_at + self._policy.sessions.whole(break_glass=session.operator_id is None)

    def _actor(self, operator: StoredOperator, session: StoredSession, now: datetime) -> Actor:
        fresh = session.pin_at is not None and now - session.pin_at < self._policy.sessions.pin
        return Actor(OPERATOR, operator.called, operator.id, _grants(operator), session.id, self._qualified_for(operator, now), fresh)

    def _qualified_for(self, operator: StoredOperator, now: datetime) -> frozenset[str]:
        events = self._credentials.of(operator.id)
        found = set()
        for protocol in {event.protocol for event in events}:
            mine = [event for event in events if event.protocol == protocol]
            counted = self._credentials.counted(operator.id, protocol, self._policy.min_quality)
            if standing(mine, counted, self._policy.of(protocol), now).qualified:
                found.add(protocol)
        return frozenset(found)

    def _require_open(self, session: StoredSession, operator: StoredOperator | None, address: str, now: datetime) -> None:
        if session.address != address:
            self._end(session.id, operator.called if operator else "break-glass", "session.stolen", address=address)
            raise SessionOver(
                "This session was begun at another address, and has ended", "Sign in again from here", says="session_elsewhere"
            )
        limits, ran = self._policy.sessions, self._ran()
        first, last = self._seen.get(session.id, (ran, ran))
        if max(now - session.begun_at, ran - first) >= limits.whole(break_glass=operator is None):
            self._end(session.id, "appliance", "session.expired", why="absolute")
            raise SessionOver("This session has reached its longest duration", "Sign in again", says="session_too_long")
        if max(now - session.used_at, ran - last) >= limits.idle:
            self._end(session.id, "appliance", "session.expired", why="idle")
            raise SessionOver("This session was not used for too long", "Sign in again", says="session_unused")

    def _note_use(self, session: StoredSession, now: datetime, *, uses: bool) -> None:
        ran = self._ran()
        first, last = self._seen.get(session.id, (ran, ran))
        self._seen[session.id] = (first, ran if uses else last)
        if uses and now - session.used_at >= FLUSH:
            try:
                self._sessions.used(session.id)
            except RecordsFull as error:  # what a person only reads is still shown
                log.warning("the use of a session was not recorded", session=session.id, problem=error.what)

    def _end(self, session_id: str, by: str, act: str, **detail: str) -> None:
        self._seen.pop(session_id, None)
        self._endings.end(session_id, by, act, **detail)

    def _known(self, name: str, address: str) -> StoredOperator:
        """The person with this badge or name; a stranger is refused here and waits for no turn."""
        return self._operators.known_as(name) or self._strangers.refuse(name, address)

    def _identified(self, operator_id: str, pin: str, address: str) -> StoredOperator:
        """The person, if the PIN is theirs."""
        operator = self._operators.get(operator_id)
        if operator.retired_at is not None:
            raise refused()
        self._check(operator, pin, address)
        return self._refreshed(operator, pin)

    def _check(self, operator: StoredOperator, pin: str, address: str) -> None:
        """Within the turn: the failures of the attempt before are counted."""
        self._guesses.admit(operator.id, address)
        if not self._pins.holds(operator.pin_hash, pin):
            self._guesses.wrong(operator.id, address)
            raise refused()
        self._guesses.right(operator.id, address)

    def _refreshed(self, operator: StoredOperator, pin: str) -> StoredOperator:
        if self._pins.outdated(operator.pin_hash):
            self._operators.hash_anew(operator.id, self._pins.keep(pin))
        return operator


def _grants(operator: StoredOperator) -> tuple[Grant, ...]:
    known = {role.value for role in Role}
    return tuple(Grant(Role(grant.role), grant.protocol) for grant in operator.grants if grant.role in known)
