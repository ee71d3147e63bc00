"""Who changed the release, from which to which, with which result; and releases whose key was revoked."""

import shutil

import pytest

from edge.disk.layout import DataFolder
from edge.disk.signing import SigningKey, make_keys, trusted_keys
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.bundle import pack
from edge.inference.choice import decide
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import SHELL_ACTOR
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.times import Times
from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordsFull
from edge.records.notices import Notices
from edge.services.model import ModelRecords, ModelService
from edge.services.release_change import ReleaseChange
from edge.settings import Settings
from firmware_bridge.machine import Machine

MIDDLE, SMALL = (ModelRelease.load(BUILT_IN / name).ident for name in ("lung-m", "lung-s"))
SIGNED = "lung-s-1.0.0"


class Site:
    """A data folder with records, a key and a release that the key signed."""

    def __init__(self, store, candidate, folder):
        self.data, self.store = DataFolder(store.path.parent), store
        self.shelf = Shelf.of(self.data.root)
        self.data.model_keys.mkdir()
        private, self.public = make_keys("ward-3", self.data.model_keys)
        self.shelf.install(pack(candidate(folder / "new", "1.0.0"), folder, SigningKey.load(private)), trusted_keys(self.data.model_keys))

    def sign(self, ledgered):
        """Gives the release its ledger entry; returns its id."""
        return ledgered(self.store, self.shelf.find(SIGNED)).id

    def start(self, model=None):
        decision = decide(model, self.shelf, 1)
        pipeline, settings = Pipeline(decision.reader, Hub(), Counts(), Times()), Settings(data_dir=self.data.root, threads=1)
        return ModelService(decision, pipeline, self.shelf, settings, ModelRecords(self.store, Notices(self.store)))

    def entries(self):
        """(act, subject, detail) of every entry on models, the oldest first, all of the same actor."""
        entries = [each.entry for each in AuditTrail(self.store).newest(100)][::-1]
        return [
            (each.actor, each.act, each.subject.removeprefix("model/"), dict(each.detail)) for each in entries if each.act[:6] == "model."
        ]


@pytest.fixture
def site(store, candidate, tmp_path, monkeypatch):
    monkeypatch.setattr("edge.services.model.FIRST_FRAME_S", 0)
    return Site(store, candidate, tmp_path)


def test_each_change_is_in_the_trail_with_who_from_which_and_the_result(site, ledgered):
    entry = site.sign(ledgered)
    models, shell = site.start(BUILT_IN / "lung-m"), SHELL_ACTOR.name
    models.activate(SHELL_ACTOR, "lung-s")
    models.rollback(SHELL_ACTOR)
    models.shadow(SHELL_ACTOR, "lung-s")
    models.shadow(SHELL_ACTOR, None)
    assert site.entries() == [
        (shell, "model.asked-for", "lung-s", {"how": "activation", "from": MIDDLE}),
        (shell, "model.activated", SIGNED, {"from": MIDDLE, "ledger": entry}),
        (shell, "model.asked-for", MIDDLE, {"how": "rollback", "from": SIGNED}),
        (shell, "model.rolled-back", MIDDLE, {"from": SIGNED}),
        (shell, "model.asked-for", "lung-s", {"how": "shadow", "from": MIDDLE}),
        (shell, "model.shadow-set", SIGNED, {"active": MIDDLE}),
        (shell, "model.asked-for", "none", {"how": "shadow", "from": MIDDLE}),
        (shell, "model.shadow-set", "none", {"active": MIDDLE}),
    ]


def test_a_refusal_is_in_the_trail_too(site):
    with pytest.raises(ModelUnusable):
        site.start(BUILT_IN / "lung-m").activate(SHELL_ACTOR, "nothing")
    (_, asked, *_), (actor, act, subject, detail) = site.entries()
    assert (asked, actor, act, subject) == ("model.asked-for", SHELL_ACTOR.name, "model.refused", "nothing")
    assert (detail["how"], detail["from"]) == ("activation", MIDDLE)
    assert "no release 'nothing'" in detail["problem"]


def test_without_room_for_the_entry_nothing_is_changed(site, monkeypatch):
    models = site.start(BUILT_IN / "lung-m")

    def full():
        raise RecordsFull("the disk is full", "Free some room")

    monkeypatch.setattr(site.store, "write", full)
    for change in (lambda: models.activate(SHELL_ACTOR, "lung-s"), lambda: models.shadow(SHELL_ACTOR, "lung-s")):
        with pytest.raises(RecordsFull):
            change()
    assert (models.release.ident, site.shelf.active(), models.status.shadow) == (MIDDLE, None, None)


def test_a_fallback_at_the_start_is_in_the_trail_as_the_act_of_the_appliance(site):
    site.shelf.activate(SIGNED)
    shutil.rmtree(site.shelf.find(SIGNED))
    models = site.start()
    ((actor, act, subject, detail),) = site.entries()
    assert (actor, act, subject, detail["from"]) == ("appliance", "model.fell-back", models.release.ident, SIGNED)
    assert "no release" in detail["problem"]


def test_a_shadow_holds_where_this_site_accepted_it_as_it_would_if_it_were_active(site, acceptance):
    release = ModelRelease.load(BUILT_IN / "lung-s")
    Acceptances.of(site.data.root).add(acceptance(release, "GE Vscan Air"))
    reader = ReleaseChange(site.shelf, site.store, 1).shadow(SHELL_ACTOR, release.ident, MIDDLE)
    assert reader.release.on(Machine("GE", "Vscan Air")).validated
    assert not reader.release.on(Machine("Acme", "Scan")).validated


def test_a_release_whose_key_is_revoked_is_refused_wherever_it_is_about_to_read(site, ledgered):
    site.sign(ledgered)
    models = site.start(BUILT_IN / "lung-m")
    models.activate(SHELL_ACTOR, SIGNED)
    models.activate(SHELL_ACTOR, "lung-m")
    site.public.unlink()
    for change in (
        lambda: models.activate(SHELL_ACTOR, SIGNED),
        lambda: models.rollback(SHELL_ACTOR),
        lambda: models.shadow(SHELL_ACTOR, SIGNED),
    ):
        with pytest.raises(ModelUnusable, match="is revoked"):
            change()
    assert (models.release.ident, site.shelf.active()) == (MIDDLE, MIDDLE)
    with pytest.raises(ModelUnusable, match="is revoked"):
        site.start(site.shelf.find(SIGNED))


def test_a_key_that_is_revoked_while_its_release_reads_is_noticed_once_and_refused_at_the_next_start(site, ledgered):
    site.sign(ledgered)
    site.shelf.activate(SIGNED)
    models = site.start()
    models.look()
    site.public.unlink()
    models.look()
    (notice,) = Notices(site.store).unseen()
    assert (notice.code, models.release.ident) == ("model-distrusted", SIGNED)
    assert "'ward-3'" in notice.what
    Notices(site.store).seen(notice.id, "hana")
    models.look()
    assert Notices(site.store).unseen() == ()
    models.reload()  # the exam goes on after a failure of the interpreter
    again = site.start()
    assert again.release.ident != SIGNED
    assert "is revoked" in again.status.refusal.problem.what
    assert site.entries()[-1][1] == "model.fell-back"
