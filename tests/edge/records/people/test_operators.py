"""Operators in the records: operators are never deleted, one administrator always stays, and each act is in the audit trail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from edge.records.errors import RecordStale, RecordUnknown
from edge.records.people.attempts import Attempts
from edge.records.people.operators import AlreadyClaimed, NewOperator, OperatorRefused, Operators
from edge.records.people.sessions import Sessions
from edge.records.schema import AuditRow
from edge.records.store import Store


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path)
    yield store
    store.close()


@pytest.fixture
def operators(store):
    return Operators(store)


@pytest.fixture
def boss(operators):
    return operators.claim(NewOperator("boss", "Boss", "hash"))


def acts(store):
    with store.read() as session:
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.seq)))


def test_the_first_one_is_the_administrator_and_there_is_one_first_one(operators, store):
    assert not operators.any()
    boss = operators.claim(NewOperator("boss", "Boss", "hash"))
    assert operators.any()
    assert [(grant.role, grant.protocol) for grant in boss.grants] == [("admin", "*")]
    with pytest.raises(AlreadyClaimed):
        operators.claim(NewOperator("other", "Other", "hash"))
    assert acts(store) == ["appliance.claimed", "grant.given"]


def test_a_badge_always_belongs_to_one_person_however_it_is_typed(operators, boss):
    n1 = operators.add("Boss (boss)", NewOperator("N-1", "N", "hash"))
    operators.change("Boss (boss)", n1.id, None, retire=True, seen=None)
    for badge in ("N-1", "n-1", "Ｎ-1"):
        with pytest.raises(OperatorRefused, match="taken"):
            operators.add("Boss (boss)", NewOperator(badge, "N", "hash"))
    assert operators.with_badge("n-1").retired_at is not None
    assert operators.known_as("n-1") is None


def test_the_last_administrator_is_neither_retired_nor_stripped(operators, boss):
    for undo in (
        lambda: operators.change("x", boss.id, None, retire=True, seen=None),
        lambda: operators.revoke("x", boss.id, boss.grants[0].id),
    ):
        with pytest.raises(OperatorRefused, match="last administrator"):
            undo()
    assert operators.get(boss.id) == boss
    second = operators.grant("x", operators.add("x", NewOperator("b-2", "B", "hash")).id, "admin", "*")
    operators.revoke("x", boss.id, boss.grants[0].id)
    with pytest.raises(OperatorRefused, match="last administrator"):
        operators.change("x", second.id, None, retire=True, seen=None)


def test_a_role_is_given_once_and_taken_once(operators, boss, store):
    n1 = operators.add("x", NewOperator("n-1", "N", "hash"))
    first = operators.grant("x", n1.id, "scan", "blue-6")
    assert operators.grant("x", n1.id, "scan", "blue-6") == first
    assert acts(store).count("grant.given") == 2
    taken = operators.revoke("x", n1.id, first.grants[0].id)
    assert taken.grants == ()
    for wrong in (first.grants[0].id, boss.grants[0].id, "none"):
        with pytest.raises(RecordUnknown):
            operators.revoke("x", n1.id, wrong)


def test_a_stale_change_is_refused(operators, boss):
    operators.change("x", boss.id, "Chief", retire=False, seen=1)
    with pytest.raises(RecordStale):
        operators.change("x", boss.id, "Other", retire=False, seen=1)
    assert operators.get(boss.id).name == "Chief"


def test_another_pin_ends_the_other_sessions(operators, boss, store):
    sessions = Sessions(store)
    here, there = sessions.begin("t1", boss, "a", "a"), sessions.begin("t2", boss, "b", "b")
    operators.set_pin("x", boss.id, "another", here.id)
    assert sessions.find("t1")[0].ended_at is None
    assert sessions.find("t2")[0].ended_at is not None
    assert there.operator_id == boss.id


def test_failures_wait_and_lock_as_given_and_the_right_pin_clears_them(operators, boss, store):
    attempts = Attempts(store)
    attempts.failed(boss.id, "a", "192.0.2.1", lambda count: timedelta(seconds=count))
    assert operators.get(boss.id).wait_until is not None
    attempts.failed(boss.id, "a", "192.0.2.1", lambda _: None)
    assert (operators.get(boss.id).failures, operators.get(boss.id).wait_until) == (2, None)
    Sessions(store).begin("t", boss, "b", "b")
    assert operators.get(boss.id).locked_at is not None
    Sessions(store).begin("u", boss, "a", "a")
    found = operators.get(boss.id)
    assert (found.failures, found.locked_at, found.wait_until) == (0, None, None)


def test_failures_are_counted_by_place_and_an_unlock_clears_all(boss, store):
    attempts, day = Attempts(store), timedelta(days=1)
    for place in "aab":
        attempts.failed(boss.id, place, "192.0.2.1", lambda _: timedelta())
    found = [attempts.of(boss.id, place, day) for place in "abc"]
    assert [(each.count, each.elsewhere) for each in found] == [(2, 1), (1, 2), (0, 3)]
    assert attempts.of(boss.id, "c", timedelta()).elsewhere == 0
    attempts.unlock("supervisor", boss.id)
    assert [attempts.of(boss.id, place, day).count for place in "ab"] == [0, 0]


def test_a_hash_is_not_shown_where_an_operator_is_printed(boss):
    assert "hash" not in repr(boss).replace("pin_hash", "")


def test_a_token_is_not_stored(operators, boss, store, tmp_path):
    Sessions(store).begin("a-secret-token", boss, "a", "a")
    assert all(b"a-secret-token" not in file.read_bytes() for file in tmp_path.glob("records.sqlite*"))
