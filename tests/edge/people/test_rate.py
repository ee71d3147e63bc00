"""A rate counts the events of each key in a span that moves with the time."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.people.rate import Rate

SPAN = timedelta(seconds=10)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4)), max_size=60))
def test_no_span_holds_more_events_of_a_key_and_no_event_is_refused_without_need(events):
    now = timedelta()
    rate, admitted = Rate(3, SPAN, lambda: now), defaultdict(list)
    for key, seconds in events:
        now += timedelta(seconds=seconds)
        recent = [at for at in admitted[key] if now - at < SPAN]
        assert rate.admits(key) == (len(recent) < 3)
        if len(recent) < 3:
            admitted[key].append(now)


def test_keys_without_recent_events_are_forgotten():
    now = timedelta()
    rate = Rate(1, SPAN, lambda: now)
    for key in range(100):
        rate.admits(key)
        now += SPAN
    assert len(rate._events) == 1
