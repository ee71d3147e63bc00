"""The gate before clinical use: no release is activated without its complete ledger entry, and a rollback always works."""

import json

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.ledger.entry import Kind
from edge.feedback.ledger.errors import LedgerIncomplete
from edge.inference.choice import decide
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import POINTER, Shelf
from edge.people.actor import SHELL_ACTOR
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.times import Times
from edge.records.audit.trail import AuditTrail
from edge.records.notices import Notices
from edge.services.model import ModelRecords, ModelService
from edge.services.release_change import ReleaseChange
from edge.settings import Settings

MIDDLE, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))
OWN, NEXT = "lung-s-1.0.0", "lung-s-2.0.0"


@pytest.fixture
def shelf(store, candidate, tmp_path, monkeypatch):
    monkeypatch.setattr("edge.services.model.FIRST_FRAME_S", 0)
    shelf = Shelf.of(store.path.parent)
    for ident in (OWN, NEXT):
        shelf.install(candidate(tmp_path / ident, ident.removeprefix("lung-s-")), {}, unsigned=True)
    return shelf


@pytest.fixture
def start(shelf, store):
    """Starts the service of the models, as an appliance does."""

    def started(model=None):
        decision = decide(model, shelf, 1)
        pipeline, settings = Pipeline(decision.reader, Hub(), Counts(), Times()), Settings(data_dir=store.path.parent, threads=1)
        return ModelService(decision, pipeline, shelf, settings, ModelRecords(store, Notices(store)))

    return started


@pytest.fixture
def in_use_before(shelf):
    """The pointer of a program without a ledger: OWN is active, and NEXT was before it."""
    shelf.folder.mkdir(exist_ok=True)
    (shelf.folder / POINTER).write_text(json.dumps({"active": OWN, "previous": NEXT}))


def kinds(models, ident):
    return [each.change.kind for each in models.ledger.listed(SHELL_ACTOR, ident)]


def test_a_release_without_an_entry_is_refused_in_a_running_appliance_and_in_a_stopped_one(start, shelf, store):
    models = start(BUILT_IN / "lung-m")
    with pytest.raises(LedgerIncomplete, match="has no entry"):
        models.activate(SHELL_ACTOR, OWN)
    with pytest.raises(LedgerIncomplete, match="has no entry"):
        ReleaseChange(shelf, store, 1).activate(SHELL_ACTOR, OWN, MIDDLE, MIDDLE)
    assert (models.release.ident, shelf.active(), models.status.refusal.release) == (MIDDLE, None, OWN)
    assert [each.entry.subject for each in AuditTrail(store).newest(9, act="model.refused")] == [f"model/{OWN}"] * 2


def test_with_its_entry_it_is_activated_and_the_trail_names_the_entry(start, shelf, store, ledgered):
    entry, models = ledgered(store, shelf.find(OWN)), start(BUILT_IN / "lung-m")
    assert models.activate(SHELL_ACTOR, OWN).release == shelf.active() == OWN
    (done,) = AuditTrail(store).newest(9, act="model.activated")
    assert done.entry.detail == {"from": MIDDLE, "ledger": entry.id}


def test_a_release_that_changed_after_the_signature_is_refused(start, shelf, store, ledgered, seal):
    folder = shelf.find(OWN)
    ledgered(store, folder)
    (folder / "card.html").write_text("another card")
    seal(folder)
    with pytest.raises(LedgerIncomplete, match="not those for which"):
        start(BUILT_IN / "lung-m").activate(SHELL_ACTOR, OWN)


def test_a_built_in_release_and_a_shadow_need_no_entry_of_the_site(start):
    models = start(BUILT_IN / "lung-m")
    assert models.activate(SHELL_ACTOR, SMALL).release == SMALL
    models.shadow(SHELL_ACTOR, OWN)
    assert models.status.shadow.release == OWN
    models.close()


def test_an_upgrade_strands_nothing(start, shelf, store, in_use_before):
    """What was active before the ledger reads on and is gone back to; it is stated as such, and a notice asks for a real entry."""
    models = start()
    assert (models.release.ident, models.status.refusal) == (OWN, None)
    assert kinds(models, OWN) == kinds(models, NEXT) == [Kind.IN_USE]
    models.look()
    assert [each.code for each in Notices(store).unseen()] == ["ledger-incomplete"]
    assert models.rollback(SHELL_ACTOR).release == NEXT
    with pytest.raises(LedgerIncomplete, match="in use before it had an entry"):
        models.activate(SHELL_ACTOR, OWN)
    assert start().release.ident == NEXT
    assert kinds(models, NEXT) == [Kind.IN_USE]


def test_the_first_change_after_an_upgrade_can_be_made_in_the_shell(shelf, store, in_use_before):
    change = ReleaseChange(shelf, store, 1)
    change.activate(SHELL_ACTOR, SMALL, OWN, OWN)
    assert change.rollback(SHELL_ACTOR, SMALL).release.ident == OWN


def test_a_rollback_to_other_files_than_those_that_were_in_use_is_refused(start, shelf, store, ledgered, seal):
    folder = shelf.find(OWN)
    ledgered(store, folder)
    models = start(BUILT_IN / "lung-m")
    models.activate(SHELL_ACTOR, OWN)
    models.activate(SHELL_ACTOR, SMALL)
    (folder / "card.html").write_text("another card")
    seal(folder)
    with pytest.raises(LedgerIncomplete, match="not those for which"):
        models.rollback(SHELL_ACTOR)
    assert models.release.ident == SMALL


def test_a_release_that_the_settings_name_reads_and_is_stated_as_in_use_without_an_entry(start, shelf, store):
    models = start(shelf.find(OWN))
    assert (models.release.ident, kinds(models, OWN)) == (OWN, [Kind.IN_USE])
    models.activate(SHELL_ACTOR, SMALL)
    assert models.rollback(SHELL_ACTOR).release == OWN


def test_an_appliance_whose_active_release_cannot_be_found_starts(start, shelf, store):
    shelf.folder.mkdir(exist_ok=True)
    (shelf.folder / POINTER).write_text(json.dumps({"active": "gone-1.0.0", "previous": None}))
    models = start()
    assert models.release.ident in (MIDDLE, SMALL)
    assert {each.entry.act for each in AuditTrail(store).newest(9)} == {"model.fell-back"}


def test_what_a_shadow_measured_is_recorded_when_it_ends(start, shelf, store, tmp_path):
    models = start(BUILT_IN / "lung-m")
    models.shadow(SHELL_ACTOR, OWN)
    models.shadow(SHELL_ACTOR, None)  # it read nothing
    assert AuditTrail(store).newest(9, act="model.shadow-measured") == ()
    assert not DataFolder(store.path.parent).disagreements.exists()
