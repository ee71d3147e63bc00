"""The work with a stick: one at a time, followed, cancelled, and clear about what ended it, with real disks."""

import json
import subprocess
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from edge.disk import mount
from edge.disk.keys import KeyUnusable
from edge.disk.layout import DataFolder
from edge.exchange.stick.keyring import remembered
from edge.exchange.stick.receiver import make_receiver
from edge.people.actor import NOBODY_ACTOR, Actor, Grant, NotAllowed, PinNeeded
from edge.people.permission import Role
from edge.records.audit.trail import rows
from edge.services.board_key import board_signer, id_of_signer
from edge.services.stick import StickBusy
from edge.services.stick_work import KeyUnconfirmed, ReceiverUnknown, StickUnknown, StickWorkService
from tests.edge.services.test_stick import Clinic, no_objects

BOSS = Actor("operator", "Boss", "boss", (Grant(Role.ADMIN),))
PATIENCE_S = 60


class Held:
    """Stands before the DICOM objects of each exam, which these tests do not need: the work waits there until it is let go."""

    def __init__(self):
        self.entered, self.go, self.act = threading.Event(), threading.Event(), lambda: None
        self.go.set()

    def __call__(self, exam):
        self.entered.set()
        assert self.go.wait(PATIENCE_S)
        self.act()
        return no_objects(exam)


class Post(Clinic):
    """A clinic whose page works with its stick."""

    def __init__(self, folder, stick):
        self.held = Held()
        super().__init__(folder, stick, self.held)
        self.data = DataFolder(self.ward.folder)
        self.work = StickWorkService(self.service, self.data, self.ward.store)
        self.bring(self.keys)

    def bring(self, keys):
        (self.stick / keys.public.name).write_bytes(keys.public.read_bytes())

    def begin(self, *exams, actor=BOSS, keys=None, confirmed=True):
        (stick,) = self.work.present(actor).sticks
        return self.work.export(actor, exams, stick.disk.id, (keys or self.keys).receiver.fingerprint, confirmed=confirmed)

    def ended(self):
        self.work._thread.join(PATIENCE_S)
        state = self.work.state(BOSS)
        assert state.ended_at is not None
        return state

    def write(self, *exams, **how):
        self.begin(*exams, **how)
        return self.ended()

    def take_reviews(self):
        (stick,) = self.work.present(BOSS).sticks
        self.work.receive(BOSS, stick.disk.id)
        return self.ended()

    def exported(self):
        with self.ward.store.read() as session:
            found = [json.loads(row.body) for row in rows(session, 0)]
        return [(each["subject"], each["detail"]["receiver"]) for each in found if each["act"] == "exam.exported"]


@pytest.fixture
def post(tmp_path, other_disk, monkeypatch):
    monkeypatch.setattr(mount, "STICKS", (tmp_path / "media",))
    made = Post(tmp_path, other_disk(tmp_path / "media" / "stick"))
    with closing(made.ward.store):
        yield made
        made.held.go.set()
        made.work.close()


def test_what_is_there_is_listed_with_what_a_person_must_know(post):
    (post.stick / "sonoedge-reviews-x.json").write_text("{}")
    (post.stick / "bad.receiver.json").write_text("{}")
    found = post.work.present(BOSS)
    (stick,) = found.sticks
    assert (stick.disk.name, stick.review_files, list(stick.keys.unusable)) == ("stick", 1, ["bad.receiver.json"])
    (known,) = found.receivers
    assert (known.receiver, known.remembered, known.problem) == (post.keys.receiver, False, None)


def test_a_key_that_came_on_a_stick_gets_nothing_until_a_person_confirms_it_and_then_it_is_known(post):
    before = sorted(post.stick.iterdir())
    with pytest.raises(KeyUnconfirmed, match="gondar-radiology"):
        post.begin(confirmed=False)
    assert (sorted(post.stick.iterdir()), list(remembered(post.data.receivers)), post.work.state(BOSS)) == (before, [], None)
    assert post.write().problem is None
    (post.stick / post.keys.public.name).unlink()
    assert [each.remembered for each in post.work.present(BOSS).receivers] == [True]
    assert post.write(confirmed=False).result.there == (post.ward.exam_id,)


def test_another_key_of_the_same_name_must_be_confirmed_for_itself(post, tmp_path):
    post.write()
    (tmp_path / "others").mkdir()
    other = make_receiver("gondar-radiology", tmp_path / "others", post.ward.store.now())
    post.bring(other)
    assert [each.remembered for each in post.work.present(BOSS).receivers] == [True, False]
    with pytest.raises(KeyUnconfirmed):
        post.begin(keys=other, confirmed=False)


def test_the_work_states_how_far_it_is_and_then_its_result(post):
    other = post.ward.take(identifier="P-0002", zones={"L1": "absent"})
    assert post.work.state(BOSS) is None
    post.held.go.clear()
    begun = post.begin()
    assert (begun.kind, begun.by, begun.stick, begun.ended_at) == ("export", "Boss", "stick", None)
    assert post.held.entered.wait(PATIENCE_S)
    running = post.work.state(BOSS)
    assert (running.done, running.count, 0 < running.share < 1, running.ended_at) == (0, 2, True, None)
    post.held.go.set()
    ended = post.ended()
    assert (ended.done, ended.count, ended.share, ended.problem, ended.cancelled) == (2, 2, 1.0, None, False)
    assert set(ended.result.written) == {post.ward.exam_id, other}
    assert ended.result.bundle.parent == post.stick
    mark = post.keys.receiver.mark
    assert post.exported() == [(f"exam/{each}", mark) for each in (post.ward.exam_id, other)]


def test_one_exam_is_written_and_the_others_are_not(post):
    other = post.ward.take(identifier="P-0002", zones={"L1": "absent"})
    assert list(post.write(other).result.written) == [other]


def test_one_work_at_a_time(post):
    post.held.go.clear()
    post.begin()
    assert post.held.entered.wait(PATIENCE_S)
    (stick,) = post.work.present(BOSS).sticks
    for again in (post.begin, lambda: post.work.receive(BOSS, stick.disk.id), lambda: post.export(actor=BOSS)):
        with pytest.raises(StickBusy):
            again()
    post.held.go.set()
    assert post.ended().problem is None
    assert post.write().problem is None


def test_after_a_cancel_what_is_complete_stays_and_is_audited_and_the_next_one_goes_on(post):
    other = post.ward.take(identifier="P-0002", zones={"L1": "absent"})
    post.held.act = lambda: post.work.cancel(BOSS)
    first = post.write()
    assert (first.cancelled, first.problem, first.result) == (True, None, None)
    post.held.act = lambda: None
    assert post.exported() == [(f"exam/{post.ward.exam_id}", post.keys.receiver.mark)]
    second = post.write()
    assert (second.result.there, list(second.result.written)) == ((post.ward.exam_id,), [other])
    assert not [path for path in post.stick.rglob("*") if path.suffix in (".part", ".new")]
    assert [path.name for path in post.data.stick_work.iterdir()] == ["lock"]


def test_a_cancel_of_what_has_ended_changes_nothing(post):
    assert post.work.cancel(BOSS) is None
    ended = post.write()
    assert post.work.cancel(BOSS) == ended
    assert not post.write().cancelled


def test_a_stick_that_is_pulled_in_the_middle_is_stated_and_the_next_export_goes_on(post, other_disk):
    post.held.act = lambda: subprocess.run(["umount", "--lazy", post.stick], check=True)
    ended = post.write()
    assert (ended.problem.code, ended.problem.says.code, ended.result) == ("stick-pulled", "stick_pulled", None)
    assert list(post.stick.iterdir()) == []
    assert post.work.present(BOSS).sticks == ()
    post.held.act = lambda: None
    other_disk(post.stick)
    post.bring(post.keys)
    assert post.write().problem is None


def test_a_full_stick_and_a_read_only_one_are_stated(post):
    for option, code in (("size=40k", "stick-full"), ("size=64m,ro", "stick-read-only")):
        subprocess.run(["mount", "-o", f"remount,{option}", post.stick], check=True)
        assert post.write().problem.code == code
    subprocess.run(["mount", "-o", "remount,rw", post.stick], check=True)
    assert post.write().problem is None


def test_what_another_person_left_in_the_place_of_the_bundle_stays(post):
    place = post.stick / f"sonoedge-{id_of_signer(board_signer(post.data))}-for-{post.keys.receiver.mark}"
    place.mkdir()
    (place / "holiday.jpg").write_text("mine")
    assert post.write().problem.code == "stick-foreign"
    assert [path.name for path in place.iterdir()] == ["holiday.jpg"]


def test_an_expired_key_is_listed_with_the_reason_and_gets_nothing(post, tmp_path):
    (tmp_path / "old").mkdir()
    old = make_receiver("old", tmp_path / "old", post.ward.store.now() - timedelta(days=400))
    post.bring(old)
    assert {each.receiver.name: bool(each.problem) for each in post.work.present(BOSS).receivers} == {
        "gondar-radiology": False,
        "old": True,
    }
    with pytest.raises(KeyUnusable, match="expired"):
        post.begin(keys=old)
    assert post.work.state(BOSS) is None


def test_what_is_not_there_any_more_is_stated(post, tmp_path):
    (stick,) = post.work.present(BOSS).sticks
    (tmp_path / "others").mkdir()
    other = make_receiver("other", tmp_path / "others", post.ward.store.now())
    with pytest.raises(ReceiverUnknown):
        post.begin(keys=other)
    subprocess.run(["umount", post.stick], check=True)
    for gone in (lambda: post.work.export(BOSS, (), stick.disk.id, "x"), lambda: post.work.receive(BOSS, stick.disk.id)):
        with pytest.raises(StickUnknown):
            gone()


def test_only_who_may_export_writes_and_only_who_may_enrol_receives(post):
    (stick,) = post.work.present(post.ward.sara).sticks
    for actor in (NOBODY_ACTOR, post.ward.sara):
        with pytest.raises(NotAllowed):
            post.work.export(actor, (), stick.disk.id, post.keys.receiver.fingerprint, confirmed=True)
        with pytest.raises(NotAllowed):
            post.work.cancel(actor)
    with pytest.raises(NotAllowed):
        post.work.receive(post.ward.reader, stick.disk.id)
    tired = Actor("operator", "Boss", "boss", (Grant(Role.ADMIN),), pin_fresh=False)
    with pytest.raises(PinNeeded):
        post.work.export(tired, (), stick.disk.id, post.keys.receiver.fingerprint, confirmed=True)
    assert post.work.state(tired) is None
    assert post.write(actor=post.ward.reader).problem is None


def test_reviews_are_received_with_their_counts_and_each_refusal(post):
    post.write()
    post.sign(post.review(), post.review() | {"exam": "no-such-exam"})
    ended = post.take_reviews()
    assert (ended.kind, ended.receiver, ended.done, ended.count, ended.problem) == ("reviews", None, 2, 2, None)
    assert (len(ended.result.added), ended.result.there, len(ended.result.refused)) == (1, (), 1)
    assert len(post.take_reviews().result.there) == 1


def test_a_stick_without_reviews_or_with_those_of_a_stranger_is_stated(post, tmp_path):
    assert post.take_reviews().problem.says.code == "reviews_none"
    (tmp_path / "others").mkdir()
    stranger = make_receiver("gondar-radiology", tmp_path / "others", post.ward.store.now())
    post.sign(post.review(), keys=stranger)
    assert post.take_reviews().problem.says.code == "reviews_of_stranger"


def test_an_unknown_exam_is_the_problem_of_the_work(post):
    assert post.write("no exam").problem.code == "record-unknown"


def test_a_defect_ends_the_work_with_a_clear_error_and_the_next_one_begins(post):
    def fails():
        raise ZeroDivisionError

    post.held.act = fails
    ended = post.write()
    assert (ended.problem.code, "ZeroDivisionError" in ended.problem.what) == ("stick-work-failed", True)
    post.held.act = lambda: None
    assert post.write().problem is None


def test_a_stop_of_the_appliance_ends_the_work_and_none_begins_after_it(post):
    post.ward.take(identifier="P-0002", zones={"L1": "absent"})
    post.held.go.clear()
    post.begin()
    assert post.held.entered.wait(PATIENCE_S)
    threading.Timer(0.05, post.held.go.set).start()
    post.work.close()
    ended = post.ended()
    assert (ended.cancelled, ended.problem) == (True, None)
    with pytest.raises(StickBusy):
        post.begin()
