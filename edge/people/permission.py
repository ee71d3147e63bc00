"""Permissions: one table of roles and verbs, for both the API and the shell. A person has a role under a protocol."""

from collections.abc import Mapping
from enum import Enum


class Role(str, Enum):
    """A task that an administrator gave to an operator."""

    SCAN = "scan"
    INTERPRET = "interpret"
    OVER_READ = "over-read"
    SERVICE = "service"
    ADMIN = "admin"


class Verb(str, Enum):
    """Everything that a person can do: each route of the API and each command of the shell is one of these."""

    LOOK = "look"
    SIGN_IN = "sign in"
    SCAN = "scan"
    READ = "read exams"
    DECIDE = "decide on findings"
    REVIEW = "review"
    OVER_READ = "over-read"
    SIGN = "sign"
    EXPORT = "export"
    DELETE = "delete"
    ENROL = "enrol"
    VOUCH = "vouch"
    UNLOCK = "unlock"
    SERVE = "serve"
    LEDGER = "sign model changes"
    AUDIT = "audit"


PHRASES: Mapping[Verb, str] = {
    Verb.LOOK: "see the live image",
    Verb.SIGN_IN: "sign in",
    Verb.SCAN: "scan",
    Verb.READ: "see exams",
    Verb.DECIDE: "decide on findings",
    Verb.REVIEW: "review exams",
    Verb.OVER_READ: "read signed exams again",
    Verb.SIGN: "sign reports",
    Verb.EXPORT: "export exams",
    Verb.DELETE: "delete exams",
    Verb.ENROL: "enrol people",
    Verb.VOUCH: "manage the credentials of people and models",
    Verb.UNLOCK: "unlock people",
    Verb.SERVE: "service the appliance",
    Verb.LEDGER: "sign changes of the model",
    Verb.AUDIT: "use the audit trail",
}
"""Each verb in a sentence: "Sign in to ...", "... is not allowed to ..."."""


class Permission(str, Enum):
    """PRELIMINARY: the verb is allowed, and its result needs a review."""

    ALLOW = "allow"
    PRELIMINARY = "preliminary"
    DENY = "deny"


NOBODY, OPERATOR, BREAK_GLASS, UNCLAIMED, SHELL = "nobody", "operator", "break-glass", "unclaimed", "shell"
APPLIANCE = "appliance"
"""Kinds of actor, in addition to the roles: nobody is signed in; an operator is signed in, with any role or none; a person scans in an
emergency; nobody is enrolled on this appliance yet; a person uses the board's own shell, who can write to the data folder anyway; and the
appliance itself, for work that no person asked for."""

_A, _P = Permission.ALLOW, Permission.PRELIMINARY

TABLE: Mapping[str, Mapping[Verb, Permission]] = {
    NOBODY: {Verb.LOOK: _A, Verb.SIGN_IN: _A},
    OPERATOR: {Verb.LOOK: _A, Verb.SIGN_IN: _A, Verb.SCAN: _P},
    SHELL: dict.fromkeys((Verb.LOOK, Verb.SIGN_IN, Verb.READ, Verb.EXPORT, Verb.ENROL, Verb.UNLOCK, Verb.SERVE, Verb.AUDIT), _A),
    APPLIANCE: dict.fromkeys((Verb.LOOK, Verb.SCAN, Verb.SERVE), _A),
    UNCLAIMED: {Verb.LOOK: _A, Verb.SIGN_IN: _A, Verb.SCAN: _P, Verb.READ: _A, Verb.SERVE: _A},
    BREAK_GLASS: {Verb.LOOK: _A, Verb.SIGN_IN: _A, Verb.SCAN: _P},
    Role.SCAN: {Verb.LOOK: _A, Verb.SIGN_IN: _A, Verb.SCAN: _A, Verb.READ: _A, Verb.DECIDE: _P},
    Role.INTERPRET: {
        **dict.fromkeys((Verb.LOOK, Verb.SIGN_IN, Verb.READ, Verb.DECIDE, Verb.REVIEW, Verb.SIGN, Verb.EXPORT), _A),
        Verb.SCAN: _P,
    },
    Role.OVER_READ: {
        **dict.fromkeys((Verb.LOOK, Verb.SIGN_IN, Verb.READ, Verb.OVER_READ, Verb.VOUCH, Verb.UNLOCK), _A),
        Verb.SCAN: _P,
    },
    Role.SERVICE: {Verb.LOOK: _A, Verb.SIGN_IN: _A, Verb.SCAN: _P, Verb.SERVE: _A},
    Role.ADMIN: {
        **dict.fromkeys((Verb.LOOK, Verb.SIGN_IN, Verb.READ, Verb.EXPORT, Verb.DELETE, Verb.ENROL, Verb.VOUCH), _A),
        **dict.fromkeys((Verb.UNLOCK, Verb.SERVE, Verb.LEDGER, Verb.AUDIT), _A),
        Verb.SCAN: _P,
    },
}
"""A verb that is not listed is denied. Every operator is allowed to scan; without the role the result is preliminary."""
