"""What a difference is, how grave it is, and whose it is."""

from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from edge.exam.verdict import Verdict
from edge.feedback.discordance.cause import SENTENCES, RootCause
from edge.feedback.discordance.difference import By, Kind, Statement, difference, kind_of

PRESENT, ABSENT, UNSURE = Verdict.PRESENT, Verdict.ABSENT, Verdict.UNSURE
MODEL = Statement(By.MODEL, PRESENT)


def read(answer, who="Sara", by=By.REVIEW, **more):
    return Statement(by, answer, who, **more)


def made(*statements):
    return difference("e1", "L1", "b_lines", statements)


def test_present_against_absent_is_opposed_and_an_open_answer_against_one_of_them_is_unsure():
    assert kind_of([PRESENT, UNSURE, ABSENT]) is Kind.OPPOSED
    assert kind_of([PRESENT, UNSURE]) is kind_of([UNSURE, ABSENT]) is Kind.UNSURE
    assert kind_of([PRESENT, PRESENT]) is kind_of([UNSURE]) is kind_of([]) is None


def test_the_same_answers_of_everybody_are_no_difference():
    assert made(MODEL, read(PRESENT)) is None
    assert made(MODEL, read(ABSENT)).kind is Kind.OPPOSED


def test_what_was_seen_changes_with_an_answer_and_not_with_when_it_was_given():
    first = made(MODEL, read(ABSENT))
    later = made(MODEL, read(ABSENT, at=datetime(2026, 12, 1, tzinfo=timezone.utc), blind=True))
    assert later.answers == first.answers == [
        {"by": "model", "who": "", "answer": "present"}, {"by": "review", "who": "Sara", "answer": "absent"}
    ]  # fmt: skip
    assert later.seen == first.seen
    assert len({first.seen, made(MODEL, read(UNSURE)).seen, made(MODEL, read(ABSENT), read(ABSENT, "Almaz")).seen}) == 3


def test_a_difference_is_ones_own_where_everybody_else_agrees():
    assert made(MODEL, read(ABSENT)).is_own("Sara")
    assert made(MODEL, read(ABSENT), read(PRESENT, "Almaz")).is_own("Sara")
    assert not made(MODEL, read(ABSENT), read(ABSENT, "Almaz")).is_own("Sara")
    assert not made(MODEL, read(ABSENT)).is_own("Almaz")


def test_who_alone_contradicts_does_not_hide_behind_a_reader_who_could_not_tell():
    found = made(MODEL, read(ABSENT), read(UNSURE, "Almaz"))
    assert found.is_own("Sara")
    assert not found.is_own("Almaz")


STATEMENTS = st.lists(st.builds(Statement, st.sampled_from(By), st.sampled_from(Verdict), st.sampled_from(["", "a", "b"])), max_size=6)


@given(STATEMENTS, st.randoms())
def test_the_order_of_the_statements_changes_nothing(statements, chance):
    shuffled = [*statements]
    chance.shuffle(shuffled)
    one, other = made(*statements), made(*shuffled)
    assert (one is None) == (other is None)
    assert one is None or (one.kind, one.seen) == (other.kind, other.seen)


def test_each_root_cause_has_a_sentence_of_its_own():
    assert [each.value for each in RootCause] == ["acquisition", "perception", "model", "labelling"]
    assert len({SENTENCES[each] for each in RootCause}) == len(RootCause)
