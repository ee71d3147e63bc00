"""Actor: the person or program that makes a request, by the name in the audit trail, and what it is allowed to do under which protocol."""

from dataclasses import dataclass
from http import HTTPStatus

from edge.people.permission import APPLIANCE, BREAK_GLASS, NOBODY, PHRASES, SHELL, TABLE, UNCLAIMED, Permission, Role, Verb
from edge.records.schema import ANY
from firmware_bridge.errors import Denied

ORDER = (Permission.DENY, Permission.PRELIMINARY, Permission.ALLOW)
FRESH_PIN = frozenset({Verb.DELETE, Verb.EXPORT, Verb.LEDGER, Verb.SIGN})
"""Verbs that need the PIN again, because they cannot be undone."""


class NotAllowed(Denied):
    """The actor is not allowed to do this."""

    code = "not-allowed"


class NotSignedIn(NotAllowed):
    """The verb needs a person who is signed in, and nobody is."""

    code = "not-signed-in"
    status = HTTPStatus.UNAUTHORIZED


class PinNeeded(NotAllowed):
    """The actor is allowed to do this, but must enter the PIN again first: the last time is some minutes ago."""

    code = "pin-needed"
    says_code = "pin_needed"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role under one protocol, or under every protocol (`*`)."""

    role: Role
    protocol: str = ANY

    def covers(self, protocol: str | None) -> bool:
        """None means "under any protocol"."""
        return protocol is None or self.protocol in (ANY, protocol)


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is the name in the audit trail. `kind` is `operator`, nobody, break-glass, unclaimed, shell or appliance.

    `qualified_for` lists the protocols for which the credentials are valid now; `pin_fresh`: the PIN was entered in the last minutes.
    """

    kind: str
    name: str
    operator_id: str | None = None
    grants: tuple[Grant, ...] = ()
    session_id: str | None = None
    qualified_for: frozenset[str] = frozenset()
    pin_fresh: bool = True

    @property
    def confined_to(self) -> str | None:
        """The session in which everything began that this actor reaches; None: it also reaches what others began."""
        return self.session_id or "" if self.kind == BREAK_GLASS else None

    def require_reach(self, begun_in: str | None) -> None:
        """Admits the actor to an exam or a recording; `begun_in` is the break-glass session in which it began, None for any other.

        Who scans in an emergency states a reason and no name, so the reason must open nothing that belongs to others.

        Raises:
            NotAllowed: the actor is confined to another session.
        """
        if self.confined_to not in (None, begun_in):
            fix = "Sign in to use it, or begin an exam of your own"
            raise NotAllowed("This began outside your emergency session", fix, says="emergency_reach")

    def permission(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The widest permission that this actor's roles give under a protocol; None: under any protocol."""
        found = [TABLE[self.kind].get(verb, Permission.DENY)] if self.kind in TABLE else []
        found += [self._granted(grant, verb, protocol) for grant in self.grants if grant.covers(protocol)]
        return max(found, key=ORDER.index, default=Permission.DENY)

    def _granted(self, grant: Grant, verb: Verb, protocol: str | None) -> Permission:
        """Until an operator with the role is qualified, the result of a scan is preliminary and needs a review."""
        granted = TABLE[grant.role].get(verb, Permission.DENY)
        if verb is Verb.SCAN and granted is Permission.ALLOW and not self._qualified(grant, protocol):
            return Permission.PRELIMINARY
        return granted

    def _qualified(self, grant: Grant, protocol: str | None) -> bool:
        if protocol is not None:
            return protocol in self.qualified_for
        return any(grant.covers(each) for each in self.qualified_for)

    def require(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The permission for the verb: never DENY.

        Raises:
            NotSignedIn: the verb is denied, and nobody is signed in.
            NotAllowed: the verb is denied to this actor.
            PinNeeded: the verb cannot be undone, and the last PIN was entered some minutes ago.
        """
        permission = self.permission(verb, protocol)
        if permission is Permission.DENY:
            act = PHRASES[verb] + (f" under {protocol}" if protocol else "")
            if self.kind in (NOBODY, UNCLAIMED):
                what = f"Sign in to {act}"
                if self.kind == UNCLAIMED:
                    raise NotSignedIn(what, "Enrol the first administrator", says="enrol_first")
                raise NotSignedIn(what, "Use a badge with a role that allows it", says="not_signed_in")
            what, fix = f"{{name}} is not allowed to {act}", "Ask an administrator for the role, or use a badge that has it"
            raise NotAllowed(what, fix, says="not_allowed", name=self.name)
        if verb in FRESH_PIN:
            self.require_pin()
        return permission

    def require_any(self, *verbs: Verb) -> Permission:
        """The permission for the first verb that is not denied.

        Raises:
            NotSignedIn, NotAllowed, PinNeeded: every verb is denied; see `require`.
        """
        return self.require(next((verb for verb in verbs if self.permission(verb) is not Permission.DENY), verbs[0]))

    def require_pin(self) -> None:
        """Admits an actor who entered the PIN in the last minutes.

        Raises:
            PinNeeded: the last PIN was entered some minutes ago.
        """
        if not self.pin_fresh:
            raise PinNeeded("This needs your PIN again", "Enter it, and try again")


NOBODY_ACTOR = Actor(NOBODY, "nobody")
UNCLAIMED_ACTOR = Actor(UNCLAIMED, "a person without a sign-in")
SHELL_ACTOR = Actor(SHELL, "the board's shell")
APPLIANCE_ACTOR = Actor(APPLIANCE, "appliance")
"""For work that no person asked for. No request and no session becomes this actor."""


def break_glass(session_id: str) -> Actor:
    """A person who scans in an emergency without signing in."""
    return Actor(BREAK_GLASS, "break-glass", session_id=session_id)
