from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.hl7.er7 import ENCODING, FIELD, at, components, escaped, message, segment, unescaped

TEXTS = st.text(st.characters(codec="utf-8"))


@given(TEXTS)
def test_escaped_text_comes_back_and_holds_no_delimiter(text):
    safe = escaped(text)
    assert unescaped(safe) == text
    assert not set(safe) & {FIELD, *ENCODING.replace("\\", ""), "\r", "\n", "\x0b", "\x1c"}


@pytest.mark.parametrize(
    ("text", "safe"),
    [("a|b", r"a\F\b"), ("^~&", r"\S\\R\\T\ ".strip()), ("C:\\x", r"C:\E\x"), ("one\r\ntwo", r"one\X0D\\X0A\two"), ("ሰላም", "ሰላም")],
)
def test_each_delimiter_has_its_escape(text, safe):
    assert escaped(text) == safe


def test_an_escape_that_is_not_ours_stays_as_it_is():
    assert unescaped(r"\.br\ \H\bold\N\ ") == r"\.br\ \H\bold\N\ "


def test_empty_components_and_fields_at_the_end_are_left_out():
    assert components("", "Abebe", "", "") == "^Abebe"
    assert segment("PV1", "1", "U", "", "") == "PV1|1|U"


def test_a_time_stamp_has_its_zone():
    assert at(datetime(2026, 11, 30, 20, 15, 1, tzinfo=timezone(timedelta(hours=3)))) == "20261130201501+0300"
    assert at(None) == ""


def test_a_message_ends_each_segment_with_a_carriage_return():
    assert message(["MSH|x", "PID|ሰ"]) == "MSH|x\rPID|ሰ\r".encode()
