"""The course of a delivery: what follows from the answers of a peer."""

import random

import pytest

from edge.exchange.outbox.course import LOST, WAITS_S, Patience, after_asking, after_sending, on_commitment, on_object
from edge.exchange.peers.outcome import Answer, Outcome

TAKEN, WARNED = Answer(Outcome.ACCEPTED, "taken", "0000"), Answer(Outcome.WARNED, "coerced", "B000")
BUSY, BAD = Answer(Outcome.RETRY, "busy", "A700"), Answer(Outcome.REFUSED, "not understood", "C000")
GONE, NO_SERVICE = Answer(Outcome.REFUSED, "it does not have this object", LOST), Answer(Outcome.REFUSED, "no such service", "context")


@pytest.fixture
def patience():
    return Patience(random.Random(5))


@pytest.mark.parametrize(
    ("answers", "state", "status", "waits"),
    [
        ([TAKEN, TAKEN], "sent", "0000", False),
        ([TAKEN, WARNED], "sent", "B000", False),
        ([TAKEN, BUSY, WARNED], "waiting", "A700", True),
        ([BUSY, BAD, TAKEN], "refused", "C000", False),
        ([], "sent", "", False),
    ],
)
def test_the_worst_answer_decides(patience, answers, state, status, waits):
    turn = after_sending(answers, 1, patience, confirms=False, complete=True)
    assert (turn.state, turn.status, turn.wait_s is not None, turn.releases) == (state, status, waits, state == "sent")


def test_a_peer_with_commitment_is_asked_at_once_and_nothing_is_released_before(patience):
    turn = after_sending([TAKEN], 1, patience, confirms=True, complete=True)
    assert (turn.state, turn.wait_s, turn.releases) == ("sent", 0.0, False)
    assert after_asking([TAKEN], 2, patience, complete=True).releases
    assert not after_asking([TAKEN], 2, patience, complete=False).releases


@pytest.mark.parametrize(
    ("answers", "attempts", "state", "waits"),
    [
        ([TAKEN, TAKEN], 2, "confirmed", False),
        ([TAKEN, BUSY], 2, "sent", True),
        ([TAKEN, GONE], 2, "waiting", True),
        ([TAKEN, GONE], len(WAITS_S), "refused", False),
        ([NO_SERVICE, NO_SERVICE], 2, "refused", False),
        ([GONE, NO_SERVICE], 2, "refused", False),
        ([], 2, "confirmed", False),
    ],
)
def test_what_follows_from_a_question_for_commitment(patience, answers, attempts, state, waits):
    turn = after_asking(answers, attempts, patience, complete=True)
    assert (turn.state, turn.wait_s is not None, turn.releases) == (state, waits, state == "confirmed")


def test_each_object_has_the_state_that_its_own_answer_gives():
    assert [on_object(answer).state for answer in (TAKEN, WARNED, BUSY, BAD)] == ["sent", "sent", "waiting", "refused"]
    assert [on_object(answer).warned for answer in (TAKEN, WARNED)] == [False, True]
    assert [on_commitment(answer).state for answer in (TAKEN, BUSY, GONE, NO_SERVICE)] == ["confirmed", "sent", "waiting", "sent"]


def test_a_wait_is_drawn_from_the_whole_time_of_its_try_and_the_last_time_repeats():
    for attempts in (1, 2, 3, 4, 5, 6, 100):
        longest = WAITS_S[min(attempts, len(WAITS_S)) - 1]
        drawn = [Patience(random.Random(seed)).after(attempts) for seed in range(200)]
        assert 0 <= min(drawn) < longest * 0.1
        assert longest * 0.9 < max(drawn) <= longest


def test_the_same_seed_gives_the_same_waits():
    first, second = Patience(random.Random(9)), Patience(random.Random(9))
    assert [first.after(n) for n in range(1, 9)] == [second.after(n) for n in range(1, 9)]
