"""The table itself: only what the exam needs is essential, each silence is a sentence, and a stop ends before systemd's limit."""

from edge.supervisor.supervisor import WATCH
from edge.supervisor.table import CLOSE_S, SIDES, WORKERS

SYSTEMD_STOP_S = 90
"""DefaultTimeoutStopSec: after this time systemd kills the process."""


def test_the_appliance_ends_only_without_page_reading_or_source():
    assert {row.name for row in WORKERS if row.essential} == {"http", "inference", "source"}


def test_every_row_states_in_a_sentence_what_is_missing():
    for row in (*WORKERS, *SIDES):
        assert row.silence[0].isupper()
        assert row.silence.endswith(".")


def test_a_whole_stop_in_which_everything_hangs_ends_before_systemd_kills():
    rows = sum(row.stop_s for row in (*WORKERS, WATCH))
    ports = CLOSE_S["port"]  # the page's is in the sum already, the viewers' comes on top
    assert rows + sum(CLOSE_S.values()) + ports < SYSTEMD_STOP_S
