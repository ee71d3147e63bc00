"""Who signs the entry of a release, what the appliance adds to it, and what is refused."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from edge.feedback.ledger.entry import Kind, Parts, subject_of
from edge.feedback.ledger.errors import LedgerRefused
from edge.feedback.ledger.standing import Standing
from edge.inference.acceptance.acceptance import Withdrawal
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.errors import ModelUnusable
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotAllowed, NotSignedIn, PinNeeded
from edge.people.permission import OPERATOR, Role
from edge.pipeline.shadow import FindingFigures, ShadowFigures
from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordStale
from edge.records.notices import Notices
from edge.services.ledger import LedgerService, NewEntry
from edge.services.release_change import ReleaseChange

IDENT = "lung-s-1.0.0"
PARTS = Parts(description="other thresholds", protocol="golden vectors, and a shadow of a week", impact="fewer false alarms")
NEW = NewEntry(IDENT, PARTS)
FIGURES = ShadowFigures(IDENT, "lung-m-0.3.2", 120, 7, {"b_lines": FindingFigures(3, 0.0125)}, None, {"active": 4})


def person(role):
    return Actor(OPERATOR, f"Hana ({role.value})", "h-1", (Grant(role),))


HANA = person(Role.ADMIN)


@pytest.fixture
def shelf(store, candidate, tmp_path):
    shelf = Shelf.of(store.path.parent)
    shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True)
    return shelf


@pytest.fixture
def service(store, shelf):
    return LedgerService(store, shelf)


def test_an_administrator_signs_the_entry_of_exactly_the_files_on_the_shelf(service, shelf):
    made = service.sign(HANA, NEW)
    subject = subject_of(shelf.find(IDENT))
    assert (made.by, made.release, made.release_sha256, made.complete) == ("Hana (admin)", IDENT, subject.sha256, True)
    assert (made.change.parts, made.change.model_sha256, made.change.shadow, made.change.acceptances) == (
        PARTS,
        subject.model_sha256,
        None,
        (),
    )
    assert service.listed(SHELL_ACTOR, IDENT) == (made,)
    assert service.standings(NOBODY_ACTOR)[IDENT] is Standing.COMPLETE


@pytest.mark.parametrize("actor", [person(role) for role in Role if role is not Role.ADMIN] + [SHELL_ACTOR, APPLIANCE_ACTOR])
def test_nobody_else_signs(service, store, actor):
    with pytest.raises(NotAllowed):
        service.sign(actor, NEW)
    assert AuditTrail(store).newest(9) == ()


@pytest.mark.parametrize("actor", [NOBODY_ACTOR, UNCLAIMED_ACTOR])
def test_an_entry_has_a_person_who_signed_in(service, actor):
    with pytest.raises(NotSignedIn):
        service.sign(actor, NEW)


def test_the_signature_needs_a_fresh_pin(service):
    with pytest.raises(PinNeeded):
        service.sign(replace(HANA, pin_fresh=False), NEW)


def test_an_unknown_or_damaged_release_gets_no_entry(service, shelf):
    with pytest.raises(ModelUnusable, match="no release 'nothing'"):
        service.sign(HANA, replace(NEW, release="nothing"))
    (shelf.find(IDENT) / "card.html").write_text("another")
    with pytest.raises(ModelUnusable, match="not the file that was released"):
        service.sign(HANA, NEW)
    assert service.listed(SHELL_ACTOR, IDENT) == ()


def test_an_entry_for_other_files_than_those_on_the_shelf_is_refused(service, shelf):
    with pytest.raises(LedgerRefused, match="other files"):
        service.sign(HANA, replace(NEW, release_sha256="0" * 64))
    assert service.sign(HANA, replace(NEW, release_sha256=subject_of(shelf.find(IDENT)).sha256)).complete


def test_of_two_people_who_sign_at_once_the_second_reads_the_first_entry_first(service):
    first = service.sign(HANA, NEW)
    with pytest.raises(RecordStale):
        service.sign(HANA, NEW)
    assert service.sign(HANA, replace(NEW, supersedes=first.id)).supersedes == first.id


def test_the_shadow_that_runs_is_added_as_it_was_measured(service):
    shadow = service.sign(HANA, NEW, FIGURES).change.shadow
    assert (shadow.active, shadow.frames, shadow.skipped, shadow.not_validated) == ("lung-m-0.3.2", 120, 7, {"active": 4})
    assert shadow.findings["b_lines"].difference == 0.0125


def test_a_shadow_that_ended_before_is_added_from_the_audit_trail(service, shelf, store):
    change = ReleaseChange(shelf, store, 1)
    change.measured(FIGURES)
    change.measured(replace(FIGURES, frames=240))
    change.measured(replace(FIGURES, frames=0))  # it read nothing
    change.measured(replace(FIGURES, release="lung-m-0.3.2", frames=999))
    of_another = replace(FIGURES, release="lung-m-0.3.2")
    assert service.sign(HANA, NEW, of_another).change.shadow.frames == 240


def test_a_shadow_of_other_files_with_the_same_name_is_not_added(service, shelf, store, seal):
    ReleaseChange(shelf, store, 1).measured(FIGURES)
    folder = shelf.find(IDENT)
    (folder / "card.html").write_text("another card")
    seal(folder)
    assert service.sign(HANA, NEW).change.shadow is None


def test_the_acceptances_that_hold_for_its_network_are_added(service, shelf, store, acceptance):
    release, accepted = ModelRelease.load(shelf.find(IDENT)), Acceptances.of(store.path.parent)
    for number, machine in enumerate(("GE Vscan Air", "Acme Scan"), 1):
        accepted.add(acceptance(release, machine, number))
    ended = Withdrawal(by="Abebe", at=datetime(2026, 3, 2, tzinfo=timezone.utc), reason="another probe")
    accepted.withdraw(acceptance(release, "Acme Scan", 2).id, ended)
    (found,) = service.sign(HANA, NEW).change.acceptances
    assert (found.machine, found.patients, found.by) == ("GE Vscan Air", 50, "Hana Girma (hana)")


def test_a_release_in_use_without_a_complete_entry_is_noticed_once_until_it_has_one(service, shelf, store):
    notices, folder = Notices(store), shelf.find(IDENT)
    ReleaseChange(shelf, store, 1).begins_with(ModelRelease.load(folder))
    service.look(notices, folder)
    service.look(notices, folder)
    (notice,) = notices.unseen()
    assert (notice.code, notice.fix) == ("ledger-incomplete", f"An administrator writes and signs it: sonoedge model ledger add {IDENT}")
    assert notice.what.endswith("signature are missing. It stays in use")
    notices.seen(notice.id, "hana")
    (in_use,) = service.listed(SHELL_ACTOR, IDENT)
    assert in_use.change.kind is Kind.IN_USE
    service.sign(HANA, replace(NEW, supersedes=in_use.id))
    service.look(notices, folder)
    assert notices.unseen() == ()


def test_a_release_whose_manifest_is_gone_has_no_standing_and_no_notice(service, shelf, store):
    folder = shelf.find(IDENT)
    (folder / "release.json").unlink()
    assert IDENT not in service.standings(NOBODY_ACTOR)
    service.look(Notices(store), folder)
    assert Notices(store).unseen() == ()


def test_the_list_names_people_so_nobody_without_a_role_reads_it(service):
    with pytest.raises(NotSignedIn):
        service.listed(NOBODY_ACTOR)
    assert {each.by for each in service.listed(person(Role.SERVICE))} == {"the program"}
