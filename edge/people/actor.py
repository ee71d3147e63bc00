"""Actor: who asks for something, as the audit trail names them, and what they may do under which protocol."""

from dataclasses import dataclass

from edge.people.permission import BREAK_GLASS, NOBODY, TABLE, UNCLAIMED, Permission, Role, Verb
from edge.records.schema import ANY
from firmware_bridge.errors import SonoEdgeError

ORDER = (Permission.DENY, Permission.PRELIMINARY, Permission.ALLOW)


class NotAllowed(SonoEdgeError):
    """Who asks may not do this."""

    code = "not-allowed"


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
    """`name` is how the audit trail calls them. `kind` is `operator`, or nobody, break-glass, unclaimed or shell."""

    kind: str
    name: str
    operator_id: str | None = None
    grants: tuple[Grant, ...] = ()
    session_id: str | None = None

    def permission(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The best of what this actor's roles permit under a protocol; None: under any."""
        found = [TABLE[self.kind].get(verb, Permission.DENY)] if self.kind in TABLE else []
        found += [TABLE[grant.role].get(verb, Permission.DENY) for grant in self.grants if grant.covers(protocol)]
        return max(found, key=ORDER.index, default=Permission.DENY)

    def require(self, verb: Verb, protocol: str | None = None) -> Permission:
        """The permission, which is not DENY.

        Raises:
            NotAllowed: it is.
        """
        permission = self.permission(verb, protocol)
        if permission is Permission.DENY:
            under = f" under {protocol}" if protocol else ""
            raise NotAllowed(
                f"{self.name} may not {verb.value}{under}", "Sign in as somebody who may, or ask an administrator for the role"
            )
        return permission


NOBODY_ACTOR = Actor(NOBODY, "nobody")
UNCLAIMED_ACTOR = Actor(UNCLAIMED, "nobody (unclaimed appliance)")


def break_glass(session_id: str) -> Actor:
    """Somebody who scans in an emergency, without having signed in."""
    return Actor(BREAK_GLASS, "break-glass", session_id=session_id)
