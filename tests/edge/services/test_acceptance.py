"""Who accepts a release on a machine, who ends that, and what stays on record."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from edge.inference.acceptance.acceptance import Why
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.acceptance.errors import AcceptanceNotWritten, AcceptanceRefused, AcceptanceUnknown
from edge.inference.acceptance.judge import JudgedClip, judge
from edge.inference.release import BUILT_IN, ModelRelease
from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotAllowed, NotSignedIn
from edge.people.permission import OPERATOR, Role
from edge.records.audit.trail import AuditTrail
from edge.records.notices import Notices
from edge.services.acceptance import AcceptanceService, Judgement
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

VSCAN = Machine("GE", "Vscan Air")


def person(role):
    return Actor(OPERATOR, f"Hana ({role.value})", "h-1", (Grant(role),))


@pytest.fixture(scope="module")
def judgement():
    release, rng = ModelRelease.load(BUILT_IN / "lung-s"), np.random.default_rng(1)
    clips = [
        JudgedClip(f"p{number}", {"b_lines": has}, {"b_lines": rng.normal(2.0 if has else -2.0)})
        for number, has in enumerate([True] * 20 + [False] * 30)
    ]
    judged = judge(release.findings, release.alpha, clips)
    return Judgement(release, VSCAN, 50, 50, 1, "c" * 64, [each for each in judged if not each.shortfalls])


@pytest.fixture
def service(store):
    return AcceptanceService.of(store)


def acts(store):
    return [(each.entry.act, each.entry.actor, each.entry.subject) for each in AuditTrail(store).newest(100)][::-1]


@pytest.mark.parametrize("role", [Role.OVER_READ, Role.ADMIN])
def test_who_vouches_for_people_accepts_and_it_is_in_the_audit_trail(service, store, judgement, role):
    made = service.accept(person(role), judgement, date(2200, 1, 1))
    assert (made.by, made.machine, made.release) == (f"Hana ({role.value})", "GE Vscan Air", judgement.release.ident)
    assert (made.model_sha256, [finding.key for finding in made.findings]) == (judgement.release.sha256, ["b_lines"])
    subject = f"acceptance/{made.id}"
    assert acts(store) == [("acceptance.asked-for", made.by, subject), ("acceptance.made", made.by, subject)]
    detail = AuditTrail(store).newest(1)[0].entry.detail
    assert (detail["release"], detail["machine"], detail["findings"]) == (made.release, "GE Vscan Air", ["b_lines"])
    assert Acceptances.of(store.path.parent).holding(judgement.release.sha256, VSCAN, store.now()) == made


@pytest.mark.parametrize(
    ("actor", "refused"),
    [
        (person(Role.SERVICE), NotAllowed),
        (person(Role.INTERPRET), NotAllowed),
        (SHELL_ACTOR, NotAllowed),
        (UNCLAIMED_ACTOR, NotSignedIn),
        (NOBODY_ACTOR, NotSignedIn),
    ],
)
def test_a_technician_the_shell_and_nobody_accept_nothing(service, store, judgement, actor, refused):
    with pytest.raises(refused):
        service.accept(actor, judgement)
    assert service.listed(SHELL_ACTOR, judgement.release.sha256) == ()
    assert acts(store) == []


@pytest.mark.parametrize(("change", "why"), [({"machine": UNKNOWN_MACHINE}, "known machine"), ({"findings": []}, "No finding met")])
def test_what_carries_no_acceptance_is_refused(service, store, judgement, change, why):
    with pytest.raises(AcceptanceRefused, match=why):
        service.accept(person(Role.ADMIN), replace(judgement, **change))
    assert acts(store) == []


def test_a_last_day_that_is_over_is_refused(service, store, judgement):
    with pytest.raises(AcceptanceRefused, match="2020-01-01, is over"):
        service.accept(person(Role.ADMIN), judgement, date(2020, 1, 1))
    assert acts(store) == []


def test_a_finding_that_missed_a_limit_cannot_be_accepted(service, judgement):
    short = replace(judgement.findings[0], shortfalls=("the AUC is too low",))
    with pytest.raises(AcceptanceRefused):
        service.accept(person(Role.ADMIN), replace(judgement, findings=[short]))


def test_a_technician_ends_an_acceptance_with_a_reason(service, store, judgement):
    made = service.accept(person(Role.ADMIN), judgement)
    with pytest.raises(AcceptanceRefused, match="reason"):
        service.withdraw(SHELL_ACTOR, made.id, " ")
    ended = service.withdraw(person(Role.SERVICE), made.id, "the probe was replaced")
    assert (ended.withdrawn.by, ended.withdrawn.reason) == ("Hana (service)", "the probe was replaced")
    assert Acceptances.of(store.path.parent).holding(judgement.release.sha256, VSCAN, store.now()) is None
    assert [act for act, _, _ in acts(store)][2:] == ["acceptance.withdrawal-asked-for", "acceptance.withdrawn"]
    with pytest.raises(AcceptanceUnknown):
        service.withdraw(SHELL_ACTOR, "nothing", "x")


def test_a_disk_that_refuses_accepts_nothing_and_the_audit_trail_states_it(service, store, judgement):
    (store.path.parent / "acceptances").write_text("in the way")
    with pytest.raises(AcceptanceNotWritten):
        service.accept(person(Role.ADMIN), judgement)
    assert [act for act, _, _ in acts(store)] == ["acceptance.asked-for", "acceptance.refused"]


def test_an_acceptance_that_does_not_hold_with_the_release_in_use_is_a_notice_once(service, store, judgement):
    notices = Notices(store)
    made = service.accept(person(Role.ADMIN), judgement)
    service.look(notices, judgement.release.sha256)
    assert notices.unseen() == ()
    for _ in range(2):
        service.look(notices, "f" * 64)
    (notice,) = notices.unseen()
    assert "another release reads" in notice.what
    notices.seen(notice.id, "Abebe")
    service.look(notices, "f" * 64)
    assert notices.unseen() == ()
    path = store.path.parent / "acceptances" / f"{made.id}.json"
    path.write_bytes(path.read_bytes().replace(b"Vscan", b"Vscam"))
    service.look(notices, judgement.release.sha256)
    (notice,) = notices.unseen()
    assert "not signed by this appliance" in notice.what


@pytest.mark.parametrize("role", [Role.SCAN, Role.INTERPRET, Role.OVER_READ, Role.SERVICE, Role.ADMIN])
def test_staff_see_the_list_with_the_people_in_it_and_who_only_looks_does_not(service, judgement, role):
    made = service.accept(person(Role.ADMIN), judgement)
    (listed,) = service.listed(person(role), judgement.release.sha256)
    assert (listed.acceptance, listed.problem, listed.obstacle) == (made, None, None)
    assert service.listed(person(role), "0" * 64)[0].obstacle.why is Why.OTHER_RELEASE
    with pytest.raises(NotSignedIn):
        service.listed(NOBODY_ACTOR, judgement.release.sha256)
