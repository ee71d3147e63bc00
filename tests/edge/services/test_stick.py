"""The stick as people use it: who may write exams to it, where, and the reviews that come back without replacing anything."""

import json
import subprocess
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from edge.disk.keys import KeyUnusable, private_key
from edge.disk.layout import DataFolder
from edge.exchange.own_objects import own_objects_apart
from edge.exchange.stick.errors import BundleRefused, StickRefused
from edge.exchange.stick.opening import Key, open_bundle
from edge.exchange.stick.receiver import load_secret, make_receiver
from edge.exchange.stick.reviews import sign_reviews
from edge.exchange.stick.signed import KeySigner
from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, NotAllowed
from edge.records.errors import RecordUnknown
from edge.records.exams.reviews import Reviews, standing
from edge.records.people.operators import Operators
from edge.services.board_key import board_id, board_signer, id_of_signer
from edge.services.stick import StickBusy, StickService
from provisioning.identity.device import make_device
from tests.edge.exchange.conftest import KEYS, Ward

READER = "Dr. Almaz ዓለሙ"


class Clinic:
    """A ward with a stick and a receiver."""

    def __init__(self, folder, stick, hand_over=None):
        self.ward, self.folder, self.stick = Ward(folder / "data"), folder, stick
        (folder / "keys").mkdir()
        self.keys = make_receiver("gondar-radiology", folder / "keys", self.ward.store.now())
        ward = self.ward
        made_of = (hand_over or ward.hand_over.of, partial(own_objects_apart, ward.folder))
        self.service = StickService(ward.stored, ward.catalogue, DataFolder(ward.folder), *made_of)

    def export(self, *exams, actor=SHELL_ACTOR, receiver=None, **more):
        return self.service.export(actor, exams, self.stick, receiver or self.keys.receiver, lambda *_: None, **more)

    def review(self, exam=None, reader=READER, verdict="present", **changed):
        exam = exam or self.ward.exam_id
        zones = {clip.zone for clip in self.ward.stored.records.clips(exam) if clip.superseded_at is None}
        findings = {"findings": dict.fromkeys(KEYS, verdict), "score": 1}
        answer = {"zones": dict.fromkeys(sorted(zones), findings), "quality": {"scale": "lung-5", "version": "1.0.0", "value": 4}}
        return {"exam": exam, "reader": reader, "read_at": "2026-11-30T10:00:00Z", "answer": {**answer, "comment": "from afar", **changed}}

    def sign(self, *reviews, keys=None, at=None):
        """Signs reviews at the receiver's, onto the stick."""
        given, keys = self.folder / "given.json", keys or self.keys
        given.write_text(json.dumps({"reviews": reviews}))
        at = at or datetime.now(timezone.utc)
        return sign_reviews(given, keys.receiver.name, KeySigner(private_key(keys.signs)), self.stick, at)

    def receive(self, actor=SHELL_ACTOR):
        return self.service.receive(actor, self.stick)

    def reviews(self, exam=None):
        return Reviews(self.ward.store).of_exam(exam or self.ward.exam_id)


def no_objects(_exam):
    """Most tests need no DICOM objects, which take seconds."""
    raise BundleRefused("no objects in this test", "x")


@pytest.fixture
def clinic(tmp_path, other_disk):
    made = Clinic(tmp_path, other_disk(tmp_path / "stick"), no_objects)
    with closing(made.ward.store):
        yield made


@pytest.fixture
def whole_clinic(tmp_path, other_disk):
    made = Clinic(tmp_path, other_disk(tmp_path / "stick"))
    with closing(made.ward.store):
        yield made


def audited(clinic, act):
    from edge.records.audit.trail import rows

    with clinic.ward.store.read() as session:
        return [json.loads(row.body) for row in rows(session, 0) if json.loads(row.body)["act"] == act]


@pytest.mark.slow
def test_every_ended_exam_is_written_with_its_dicom_objects_and_the_audit_trail_states_each(whole_clinic, tmp_path):
    clinic = whole_clinic
    other = clinic.ward.take(identifier="P-0002", zones={"L1": "absent"})
    open_exam = clinic.ward.stored.records.get(other)
    written = clinic.export()
    assert (set(written.written), written.there) == ({clinic.ward.exam_id, other}, ())
    key = Key(load_secret(clinic.keys.opens), id_of_signer(board_signer(DataFolder(clinic.ward.folder))), board_id)
    opened = open_bundle(written.bundle, key, tmp_path / "opened")
    assert opened.refused == {}
    assert list((tmp_path / "opened" / open_exam.folder / "dicom").glob("*.dcm"))
    assert {each["subject"] for each in audited(clinic, "exam.exported")} == {f"exam/{clinic.ward.exam_id}", f"exam/{other}"}
    assert [path.name for path in DataFolder(clinic.ward.folder).stick_work.iterdir()] == ["lock"]
    again = clinic.export()
    assert (again.written, set(again.there)) == ({}, {clinic.ward.exam_id, other})
    assert len(audited(clinic, "exam.exported")) == 2


def test_a_board_that_was_set_up_signs_with_its_identity(clinic):
    data = DataFolder(clinic.ward.folder)
    device = make_device(data.identity)
    assert id_of_signer(board_signer(data)) == device.id
    assert clinic.export().bundle.name.startswith(f"sonoedge-{device.id}-for-gondar-radiology-")


def test_a_folder_on_the_same_disk_is_refused_unless_it_is_meant(clinic):
    subprocess.run(["umount", clinic.stick], check=True)
    with pytest.raises(StickRefused, match="same disk as the records"):
        clinic.export()
    assert list(clinic.stick.iterdir()) == []
    assert list(clinic.export(same_disk=True).written) == [clinic.ward.exam_id]


def test_an_expired_key_gets_nothing(clinic, tmp_path):
    (tmp_path / "old").mkdir()
    old = make_receiver("old", tmp_path / "old", clinic.ward.store.now() - timedelta(days=400))
    with pytest.raises(KeyUnusable, match="expired"):
        clinic.export(receiver=old.receiver)
    assert list(clinic.stick.iterdir()) == []


def test_exams_that_are_unknown_or_open_are_refused_before_anything_is_written(clinic):
    from edge.exam.exam import Exam
    from edge.records.exams.facts import NewExam

    ward = clinic.ward
    folder = ward.stored.new_folder("blue-6")
    text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": "0" * 64, "operator": "Sara"}
    begun = ward.stored.records.begin(
        "test", NewExam(folder=folder, simulated=False, qualified=True, **text), Exam.begin(ward.catalogue.named("blue-6")).as_record()
    )
    with pytest.raises(BundleRefused, match="is still open"):
        clinic.export(ward.exam_id, begun.id)
    with pytest.raises(RecordUnknown):
        clinic.export("no exam")
    assert list(clinic.stick.iterdir()) == []
    assert list(clinic.export().written) == [ward.exam_id]


def test_only_who_may_export_writes_and_only_who_may_enrol_receives(clinic):
    for actor in (NOBODY_ACTOR, clinic.ward.sara):
        with pytest.raises(NotAllowed):
            clinic.export(actor=actor)
    clinic.export(actor=clinic.ward.reader)
    clinic.sign(clinic.review())
    for actor in (NOBODY_ACTOR, clinic.ward.sara, clinic.ward.reader):
        with pytest.raises(NotAllowed):
            clinic.receive(actor)


def test_one_export_at_a_time(clinic):
    def again(*_):
        with pytest.raises(StickBusy):
            clinic.export()
        seen.append(True)

    seen = []
    clinic.service.export(SHELL_ACTOR, (), clinic.stick, clinic.keys.receiver, again)
    assert seen


def test_a_review_that_comes_back_stands_beside_the_others_under_its_reader(clinic):
    clinic.export()
    before = clinic.reviews()
    clinic.sign(clinic.review())
    received = clinic.receive()
    assert (len(received.added), received.there, received.refused) == (1, (), {})
    *others, review = clinic.reviews()
    assert tuple(others) == before
    assert (review.id, review.kind, review.blind, review.comment) == (received.added[0], "over-read", False, "from afar")
    assert review.reviewer.startswith(f"{READER} (remote-gondar-radiology-")
    assert review.discordant
    assert review.supersedes is None
    (entry,) = audited(clinic, "review.received")
    assert entry["detail"]["receiver"] == clinic.keys.receiver.mark
    (reader,) = [each for each in Operators(clinic.ward.store).newest(10) if each.id == review.reviewer_id]
    assert (reader.retired_at is not None, reader.grants, reader.pin_hash) == (True, (), "")


def test_a_review_of_an_exam_that_nobody_has_signed_is_a_first_one(clinic):
    exam = clinic.ward.take(identifier="P-0002", zones={"L1": "absent"})
    clinic.export()
    clinic.sign(clinic.review(exam))
    clinic.receive()
    assert [review.kind for review in clinic.reviews(exam)] == ["first"]


def test_a_review_that_comes_again_is_recognised(clinic):
    clinic.export()
    path = clinic.sign(clinic.review())
    clinic.receive()
    before = clinic.reviews()
    (clinic.stick / "sonoedge-reviews-copy.json").write_bytes(path.read_bytes())
    received = clinic.receive()
    assert (received.added, len(set(received.there)), received.refused) == ((), 1, {})
    assert clinic.reviews() == before


def test_a_later_review_of_the_same_reader_replaces_the_earlier_one_and_both_stay(clinic):
    clinic.export()
    clinic.sign(clinic.review())
    clinic.receive()
    first = clinic.reviews()[-1]
    clinic.sign(clinic.review(verdict="absent"), clinic.review(reader="Dr. Other"), at=datetime.now(timezone.utc) + timedelta(seconds=5))
    clinic.receive()
    reviews = clinic.reviews()
    second = next(each for each in reviews if each.supersedes)
    assert (second.supersedes, second.reviewer_id) == (first.id, first.reviewer_id)
    assert first in reviews
    assert first not in standing(reviews)
    assert len(standing(reviews)) == 3


def test_reviews_of_unknown_exams_and_that_do_not_fit_are_refused_by_name_and_the_others_are_added(clinic):
    clinic.export()
    scale = {"scale": "x", "version": "1", "value": 1}
    clinic.sign(clinic.review(), clinic.review() | {"exam": "no-such-exam"}, clinic.review(zones={}), clinic.review(quality=scale))
    received = clinic.receive()
    assert (len(received.added), len(received.refused)) == (1, 3)
    assert any("no-such-exam" in why for why in received.refused.values())
    assert all("exam " in why for why in received.refused.values())


def test_reviews_that_somebody_else_signed_or_changed_are_refused(clinic, tmp_path):
    clinic.export()
    (tmp_path / "others").mkdir()
    stranger = make_receiver("gondar-radiology", tmp_path / "others", clinic.ward.store.now())
    path = clinic.sign(clinic.review(), keys=stranger)
    with pytest.raises(BundleRefused, match="never wrote exams"):
        clinic.receive()
    path.unlink()
    path = clinic.sign(clinic.review())
    path.write_bytes(path.read_bytes().replace(b"from afar", b"from nigh"))
    with pytest.raises(BundleRefused, match="was changed after it was signed"):
        clinic.receive()
    assert len(clinic.reviews()) == 1


def test_reviews_after_the_key_has_expired_are_refused(clinic):
    clinic.export()
    clinic.sign(clinic.review())
    true = clinic.ward.store.clock.machine_time
    clinic.ward.store.clock.machine_time = lambda: true() + timedelta(days=366)
    with pytest.raises(KeyUnusable, match="expired"):
        clinic.receive()


def test_a_folder_without_reviews_is_stated(clinic):
    with pytest.raises(BundleRefused, match="holds no reviews"):
        clinic.receive()


def test_an_appliance_that_nobody_claimed_stays_claimable(tmp_path):
    from edge.exam.protocol.file import load_catalogue
    from edge.exam.stored import StoredExams
    from edge.records.store import Store

    with closing(Store.open(tmp_path / "data")) as store:
        stored = StoredExams(store, tmp_path / "data" / "exams")
        service = StickService(stored, load_catalogue(), DataFolder(tmp_path / "data"), no_objects, lambda *_: None)
        with pytest.raises(BundleRefused, match="Nobody is enrolled"):
            service.receive(SHELL_ACTOR, tmp_path)
        assert not Operators(store).any()


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ("{", "not valid"),
        ('{"reviews": []}', "not valid"),
        ('{"reviews": [{"exam": "x"}]}', r"reviews\.0\.reader is not valid"),
    ],
)
def test_what_cannot_be_signed_is_named(clinic, given, match):
    (clinic.folder / "given.json").write_text(given)
    with pytest.raises(BundleRefused, match=match):
        sign_reviews(clinic.folder / "given.json", "x", KeySigner(private_key(clinic.keys.signs)), clinic.stick, datetime.now(timezone.utc))
