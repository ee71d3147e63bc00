"""Text from bytes: exact where the character set explains them, flagged where it does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.worklist.texts import decoded


@pytest.mark.parametrize(
    ("content", "terms", "text"),
    [
        (b"Plain^Name ", [], "Plain^Name"),
        (b" leading stays\0", [], " leading stays"),
        (b"", ["ISO_IR 192"], ""),
        ("ሰላም".encode(), ["ISO_IR 192"], "ሰላም"),
        ("Ñandú".encode("latin-1"), ["ISO_IR 100"], "Ñandú"),
        (b"plain", ["ISO_IR 6"], "plain"),
    ],
)
def test_text_that_its_character_set_explains_is_certain(content, terms, text) -> None:
    assert decoded(content, terms) == (text, True)


@pytest.mark.parametrize(
    ("content", "terms"),
    [
        ("ሰላም".encode(), []),
        ("Ñandú".encode("latin-1"), []),
        ("Ñandú".encode("latin-1"), ["ISO_IR 6"]),
        ("Ñandú".encode("latin-1"), ["ISO_IR 192"]),
        ("ሰላም".encode(), ["ISO_IR 100"]),
        (b"plain", ["ISO_IR 999"]),
        (b"\x1b$B;3ED", []),
        (b"\x1b$Z\xff\xff", ["", "ISO 2022 IR 87"]),
    ],
)
def test_text_that_it_does_not_explain_is_flagged_and_keeps_each_byte(content, terms) -> None:
    text, certain = decoded(content, terms)
    assert not certain
    back = re.sub(r"\\x([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text).encode("latin-1")
    assert back == content


@given(st.binary(max_size=40), st.sampled_from([[], ["ISO_IR 192"], ["ISO_IR 100"], ["", "ISO 2022 IR 87"], ["GB18030"], ["nonsense"]]))
def test_no_bytes_raise_or_leave_a_replacement(content, terms) -> None:
    text, certain = decoded(content, terms)
    assert certain is False or "\ufffd" not in text or terms in (["ISO_IR 192"], ["GB18030"])
    assert text.isascii() or certain
