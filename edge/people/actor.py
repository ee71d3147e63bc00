"""Actor: who asks for something, as the audit trail names them, and what they may do under which protocol."""

from dataclasses import dataclass
from http import HTTPStatus

from edge.people.permission import APPLIANCE, BREAK_GLASS, NOBODY, SHELL, TABLE, UNCLAIMED, Permission, Role, Verb
from edge.records.schema import ANY
from firmware_bridge.errors import Denied

ORDER = (Permission.DENY, Permission.PRELIMINARY, Permission.ALLOW)
FRESH_PIN = frozenset({Verb.DELETE, Verb.EXPORT})
"""What needs the PIN again, because it cannot be undone."""


class NotAllowed(Denied):
    """The actor is not allowed to do this."""

    code = "not-allowed"


class NotSignedIn(NotAllowed):
    """Nobody is signed in, and this needs a person who is."""

    code = "not-signed-in"
    status = HTTPStatus.UNAUTHORIZED


class PinNeeded(NotAllowed):
    """The actor is allowed to do this, but has not given the PIN for some minutes."""

    code = "pin-needed"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role under one protocol, or under every one (`*`)."""

    role: Role
    protocol: str = ANY

    def covers(self, protocol: str | None) -> bool:
        """None stands for "under any protocol at all"."""
        return protocol is None or self.protocol in (ANY, protocol)


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is how the audit trail calls them. `kind` is `operator`, or nobody, break-glass, unclaimed, shell or appliance.

    `qualified_for` are the protocols under which their credentials hold now; `pin_fresh` says that the PIN was given just now.
    """

    kind: str
    name: str
    operator_id: str | None = None
    grants: tuple[Grant, ...] = ()
    session_id: str | None = None
    qualified_for: frozenset[str] = frozenset()
    pin_fresh: bool = True

    def permission(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The best of what this actor's roles permit under a protocol; None: under any."""
        found = [TABLE[self.kind].get(verb, Permission.DENY)] if self.kind in TABLE else []
        found += [self._granted(grant, verb, protocol) for grant in self.grants if grant.covers(protocol)]
        return max(found, key=ORDER.index, default=Permission.DENY)

    def _granted(self, grant: Grant, verb: Verb, protocol: str | None) -> Permission:
        """Somebody with the role scans as anyone may until they are qualified: what comes of it needs a review."""
        told = TABLE[grant.role].get(verb, Permission.DENY)
        if verb is Verb.SCAN and told is Permission.ALLOW and not self._qualified(grant, protocol):
            return Permission.PRELIMINARY
        return told

    def _qualified(self, grant: Grant, protocol: str | None) -> bool:
        if protocol is not None:
            return protocol in self.qualified_for
        return any(grant.covers(each) for each in self.qualified_for)

    def require(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The permission, which is not DENY.

        Raises:
            NotSignedIn: it is, and nobody is signed in.
            NotAllowed: it is.
            PinNeeded: it cannot be undone, and the PIN was not given for some minutes.
        """
        permission = self.permission(verb, protocol)
        if permission is Permission.DENY:
            under = f" under {protocol}" if protocol else ""
            if self.kind in (NOBODY, UNCLAIMED):
                fix = "Sign in as a person who is allowed to" if self.kind == NOBODY else "Enrol the first administrator"
                raise NotSignedIn(f"To {verb.value}{under}, a person has to sign in", fix)
            raise NotAllowed(
                f"{self.name} is not allowed to {verb.value}{under}", "Ask an administrator for the role, or sign in as a person who has it"
            )
        if verb in FRESH_PIN:
            self.require_pin()
        return permission

    def require_any(self, *verbs: Verb) -> Permission:
        """The permission for the first of the verbs that is not denied.

        Raises:
            NotSignedIn, NotAllowed, PinNeeded: see `require`; every verb is denied.
        """
        return self.require(next((verb for verb in verbs if self.permission(verb) is not Permission.DENY), verbs[0]))

    def require_pin(self) -> None:
        """Admits an actor who gave the PIN in the last minutes.

        Raises:
            PinNeeded: it was not given for some minutes.
        """
        if not self.pin_fresh:
            raise PinNeeded("This needs your PIN again", "Give it, and ask once more")


NOBODY_ACTOR = Actor(NOBODY, "nobody")
UNCLAIMED_ACTOR = Actor(UNCLAIMED, "nobody (unclaimed appliance)")
SHELL_ACTOR = Actor(SHELL, "the board's shell")
APPLIANCE_ACTOR = Actor(APPLIANCE, "appliance")
"""Of work that no person asked for. No request and no session ever becomes this actor."""


def break_glass(session_id: str) -> Actor:
    """Somebody who scans in an emergency, without having signed in."""
    return Actor(BREAK_GLASS, "break-glass", session_id=session_id)
