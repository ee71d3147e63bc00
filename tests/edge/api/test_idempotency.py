"""The same request with the same key is done once, whatever happens to the answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from edge.records.answers import BEGUN, Answers, StoredAnswer
from edge.records.schema import AnswerRow, AuditRow
from edge.records.store import Store

OPERATORS = "/api/v1/operators"
NEW = {"badge": "n-1", "name": "N", "pin": "482915"}
KEY = {"Idempotency-Key": "9a7c6f0e"}


def badges(crew):
    return [each["badge"] for each in crew.admin.get(OPERATORS).json()["items"]]


def test_an_answer_that_was_lost_is_given_again(crew):
    first = crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    again = crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert badges(crew) == ["n-1", "boss"]


def test_the_key_with_another_request_is_refused(crew):
    crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    other = crew.admin.post(OPERATORS, json=NEW | {"badge": "n-2"}, headers=KEY)
    assert (other.status_code, other.json()["type"]) == (422, "urn:sonoedge:key-of-another")
    elsewhere = crew.admin.post("/api/v1/backups", json=NEW, headers=KEY)
    assert elsewhere.status_code == 422
    assert badges(crew) == ["n-1", "boss"]


def test_two_people_may_use_the_same_key(crew):
    crew.enrol("a-2", "admin")
    other = crew.sign_in("a-2")
    assert crew.admin.post(OPERATORS, json=NEW, headers=KEY).status_code == 201
    assert other.post(OPERATORS, json=NEW | {"badge": "n-2"}, headers=KEY).status_code == 201


def test_what_was_refused_may_be_tried_again_with_the_same_key(crew):
    assert crew.admin.post(OPERATORS, json=NEW | {"badge": "boss"}, headers=KEY).status_code == 409
    assert crew.admin.post(OPERATORS, json=NEW, headers=KEY).status_code == 201


def test_a_request_that_is_being_answered_is_not_begun_a_second_time(crew, view):
    begun, go_on = threading.Event(), threading.Event()
    keep = view.people._pins.keep

    def slow(pin):
        begun.set()
        assert go_on.wait(30)
        return keep(pin)

    view.people._pins.keep = slow
    said = []
    first = threading.Thread(target=lambda: said.append(crew.admin.post(OPERATORS, json=NEW, headers=KEY)))
    first.start()
    assert begun.wait(30)
    second = crew.sign_in("boss")
    busy = second.post(OPERATORS, json=NEW, headers=KEY)
    go_on.set()
    first.join()
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:sonoedge:key-busy")
    assert said[0].status_code == 201


def test_a_request_whose_end_was_cut_off_is_not_done_again_by_itself(crew, view):
    crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    with view.store.write() as change:
        change.session.scalar(select(AnswerRow)).status = BEGUN
        change.unlogged()
    cut = crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    assert (cut.status_code, cut.json()["type"]) == (409, "urn:sonoedge:key-busy")
    assert "See whether it was done" in cut.json()["fix"]


@pytest.mark.parametrize("key", ["", "x" * 101, "with space"])
def test_a_key_that_is_none_is_refused(crew, key):
    refused = crew.admin.post(OPERATORS, json=NEW, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:sonoedge:key-unreadable")


def test_no_token_is_ever_kept(crew, view):
    for _ in range(2):
        crew.browser().post("/api/v1/sessions", json={"name": "boss", "pin": "482915"}, headers=KEY)
    with view.store.read() as session:
        assert session.scalars(select(AnswerRow)).all() == []


def test_keeping_an_answer_is_no_act_in_the_audit_trail(crew, view):
    crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    with view.store.read() as session:
        acts = session.scalars(select(AuditRow.act).order_by(AuditRow.seq.desc()).limit(1)).all()
    assert acts == ["operator.added"]


def test_of_two_that_begin_at_once_with_one_key_one_is_new_and_the_other_is_known(view):
    class AtOnce(Store):
        """Two callers look before either writes."""

        both = threading.Barrier(2, timeout=60)

        @contextmanager
        def read(self):
            with super().read() as session:
                yield session
            self.both.wait()

    store = AtOnce.open(view.store.path.parent)
    with ThreadPoolExecutor(2) as both:
        answers = [both.submit(Answers(store).begin, "a", "k", "d") for _ in range(2)]
    store.close()
    assert sorted(each.result() is None for each in answers) == [False, True]
    assert {each.result() for each in answers} == {None, StoredAnswer(BEGUN, "", "")}


def test_answers_are_forgotten_after_a_day(view):
    from datetime import timedelta

    answers, said = Answers(view.store), view.store.clock.machine_time
    assert answers.begin("a", "k", "d") is None
    answers.give("a", "k", StoredAnswer(201, "{}", '"1"'))
    assert answers.begin("a", "k", "d") == StoredAnswer(201, "{}", '"1"')
    view.store.clock.machine_time = lambda: said() + timedelta(days=2)
    answers.begin("a", "another", "d")
    assert answers.begin("a", "k", "other") is None
