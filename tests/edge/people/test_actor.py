"""Permissions of an actor: the widest of their roles under a protocol, and preliminary until they are qualified."""

import pytest

from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotAllowed, NotSignedIn, PinNeeded, break_glass
from edge.people.permission import PHRASES, Permission, Role, Verb

ALLOW, PRELIMINARY, DENY = Permission.ALLOW, Permission.PRELIMINARY, Permission.DENY


def actor(*grants, qualified=(), fresh=True):
    return Actor("operator", "A (a)", "1", grants, "s", frozenset(qualified), fresh)


def test_a_role_is_valid_under_its_protocol_and_every_operator_scans_under_the_others():
    trained = actor(Grant(Role.SCAN, "blue-6"), qualified={"blue-6"})
    assert trained.permission(Verb.SCAN, "blue-6") is ALLOW
    assert trained.permission(Verb.SCAN, "rush-14") is PRELIMINARY
    assert trained.permission(Verb.SCAN) is ALLOW
    assert trained.permission(Verb.READ, "rush-14") is DENY


def test_a_scan_is_preliminary_without_the_role_or_without_the_qualification():
    assert actor(Grant(Role.SCAN)).permission(Verb.SCAN, "blue-6") is PRELIMINARY
    assert actor(Grant(Role.SCAN), qualified={"rush-14"}).permission(Verb.SCAN, "blue-6") is PRELIMINARY
    assert actor(qualified={"blue-6"}).permission(Verb.SCAN, "blue-6") is PRELIMINARY
    assert actor(Grant(Role.SCAN), qualified={"blue-6"}).permission(Verb.SCAN, "blue-6") is ALLOW


def test_only_an_interpreter_signs():
    everything_else = actor(*(Grant(role) for role in Role if role is not Role.INTERPRET), qualified={"blue-6"})
    assert everything_else.permission(Verb.SIGN, "blue-6") is DENY
    for other in (NOBODY_ACTOR, UNCLAIMED_ACTOR, SHELL_ACTOR, break_glass("s")):
        assert other.permission(Verb.SIGN) is DENY
    assert actor(Grant(Role.INTERPRET, "blue-6")).permission(Verb.SIGN, "blue-6") is ALLOW


def test_the_error_asks_for_a_sign_in_or_states_what_the_operator_is_not_allowed_to_do():
    with pytest.raises(NotSignedIn, match="Sign in to scan"):
        NOBODY_ACTOR.require(Verb.SCAN)
    with pytest.raises(NotAllowed, match=r"A \(a\) is not allowed to sign reports under blue-6") as refused:
        actor().require(Verb.SIGN, "blue-6")
    assert refused.value.code == "not-allowed"


def test_each_verb_has_a_phrase_for_people():
    assert PHRASES.keys() == set(Verb)


@pytest.mark.parametrize(("role", "verb"), [(Role.ADMIN, Verb.EXPORT), (Role.ADMIN, Verb.DELETE), (Role.INTERPRET, Verb.SIGN)])
def test_a_verb_that_cannot_be_undone_needs_the_pin_again(role, verb):
    assert actor(Grant(role)).require(verb) is ALLOW
    with pytest.raises(PinNeeded):
        actor(Grant(role), fresh=False).require(verb)
    assert actor(Grant(Role.ADMIN), fresh=False).require(Verb.READ) is ALLOW
