"""Over-read sampling: the draw can be repeated and keeps to its share; novices, abstentions and disagreements are never left out."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.review.sampling import REASONS, Facts, OverRead, Sampling, is_drawn, over_read

SHARES = st.floats(0, 1)
UIDS = [f"2.25.{number}" for number in range(10_000)]
FACTS = st.builds(Facts, st.text(), st.integers(0, 50), st.booleans(), st.booleans())


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", ["", "site-1", "ሆስፒታል"])
def test_the_share_drawn_of_10_000_exams_is_within_binomial_error(share, seed):
    drawn = sum(is_drawn(uid, share, seed) for uid in UIDS)
    assert abs(drawn - share * len(UIDS)) < 5 * sqrt(len(UIDS) * share * (1 - share))


@given(st.text(), st.text(), SHARES)
def test_the_same_seed_draws_the_same_exam_and_a_larger_share_draws_it_still(uid, seed, share):
    drawn = is_drawn(uid, share, seed)
    assert is_drawn(uid, share, seed) is drawn
    assert is_drawn(uid, 1, seed)
    assert not is_drawn(uid, 0, seed)
    if drawn:
        assert is_drawn(uid, min(1.0, share + 0.1), seed)


def test_another_seed_draws_another_sample():
    one, other = ({uid for uid in UIDS if is_drawn(uid, 0.1, seed)} for seed in ("one", "other"))
    assert one
    assert other
    assert len(one & other) < len(one) / 4


@given(FACTS, SHARES, st.integers(0, 50))
def test_no_novice_abstention_or_disagreement_is_left_out_and_nothing_else_is_taken(facts, share, novice):
    reasons = over_read(facts, Sampling(share, "seed", novice))
    assert (OverRead.NOVICE in reasons) is (facts.counted_exams < novice)
    assert (OverRead.ABSTAINED in reasons) is facts.abstained
    assert (OverRead.DISCORDANT in reasons) is facts.discordant
    assert (OverRead.RANDOM in reasons) is is_drawn(facts.exam_uid, share, "seed")


@given(FACTS, SHARES, SHARES)
def test_what_the_drift_watch_asks_for_is_drawn_in_addition_and_says_so(facts, share, raised):
    reasons = over_read(facts, Sampling(share, "seed", 0, raised))
    drawn = is_drawn(facts.exam_uid, share, "seed")
    assert (OverRead.RANDOM in reasons) is drawn
    assert (OverRead.DRIFT in reasons) is (not drawn and is_drawn(facts.exam_uid, raised, "seed"))


def test_every_reason_has_its_sentence():
    assert set(REASONS) == set(OverRead)
