"""A request that is sent again with the same key is done once, even if the answer was lost."""

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


def test_a_lost_answer_is_sent_again(crew):
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


def test_two_people_can_use_the_same_key(crew):
    crew.enrol("a-2", "admin")
    other = crew.sign_in("a-2")
    assert crew.admin.post(OPERATORS, json=NEW, headers=KEY).status_code == 201
    assert other.post(OPERATORS, json=NEW | {"badge": "n-2"}, headers=KEY).status_code == 201


def test_a_refused_request_can_be_sent_again_with_the_same_key(crew):
    assert crew.admin.post(OPERATORS, json=NEW | {"badge": "boss"}, headers=KEY).status_code == 409
    assert crew.admin.post(OPERATORS, json=NEW, headers=KEY).status_code == 201


def test_a_running_request_is_not_started_a_second_time(crew, view):
    begun, go_on = threading.Event(), threading.Event()
    keep = view.people._pins.keep

    def slow(pin):
        begun.set()
        assert go_on.wait(30)
        return keep(pin)

    view.people._pins.keep = slow
    answered = []
    first = threading.Thread(target=lambda: answered.append(crew.admin.post(OPERATORS, json=NEW, headers=KEY)))
    first.start()
    assert begun.wait(30)
    second = crew.sign_in("boss")
    busy = second.post(OPERATORS, json=NEW, headers=KEY)
    go_on.set()
    first.join()
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:sonoedge:key-busy")
    assert answered[0].status_code == 201


def test_a_request_without_a_stored_result_is_not_done_again(crew, view):
    crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    with view.store.write() as change:
        change.session.scalar(select(AnswerRow)).status = BEGUN
        change.unlogged()
    cut = crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    assert (cut.status_code, cut.json()["type"]) == (409, "urn:sonoedge:key-busy")
    assert "Check whether it was done" in cut.json()["fix"]


@pytest.mark.parametrize("key", ["", "x" * 101, "with space"])
def test_an_invalid_key_is_refused(crew, key):
    refused = crew.admin.post(OPERATORS, json=NEW, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:sonoedge:key-unreadable")


def test_no_token_is_stored(crew, view):
    for _ in range(2):
        crew.browser().post("/api/v1/sessions", json={"name": "boss", "pin": "482915"}, headers=KEY)
    with view.store.read() as session:
        assert session.scalars(select(AnswerRow)).all() == []


def test_a_stored_answer_adds_nothing_to_the_audit_trail(crew, view):
    crew.admin.post(OPERATORS, json=NEW, headers=KEY)
    with view.store.read() as session:
        acts = session.scalars(select(AuditRow.act).order_by(AuditRow.seq.desc()).limit(1)).all()
    assert acts == ["operator.added"]


def test_of_two_simultaneous_requests_with_one_key_only_one_is_new(view):
    class AtOnce(Store):
        """Two callers read before either writes."""

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

    answers, clock = Answers(view.store), view.store.clock.machine_time
    assert answers.begin("a", "k", "d") is None
    answers.give("a", "k", StoredAnswer(201, "{}", '"1"'))
    assert answers.begin("a", "k", "d") == StoredAnswer(201, "{}", '"1"')
    view.store.clock.machine_time = lambda: clock() + timedelta(days=2)
    answers.begin("a", "another", "d")
    assert answers.begin("a", "k", "other") is None
