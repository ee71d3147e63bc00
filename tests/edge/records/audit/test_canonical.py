"""Canonical JSON is read, and no other."""

import json

import pytest
import rfc8785
from audit_log import texts, values
from hypothesis import given
from hypothesis import strategies as st

from edge.records.audit.canonical import parse_canonical


@given(st.binary() | texts.map(str.encode) | values.map(json.dumps).map(str.encode))
def test_only_canonical_json_is_read_and_the_content_is_that_of_any_reader(body):
    try:
        content = parse_canonical(body)
    except ValueError:
        return
    assert rfc8785.dumps(content) == body
    assert json.loads(body, parse_int=float) == content


@given(values)
def test_all_canonical_json_is_read(value):
    body = rfc8785.dumps(value)
    assert rfc8785.dumps(parse_canonical(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b"1.0",
        b"[1E2]",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u00e9"',
        b"-0",
        b" 1",
        b"9007199254740993",
        b"[" * 9999,
        b"[1.5," + b"[" * 9999,
    ],
)
def test_json_of_other_writers_is_not_canonical(body):
    with pytest.raises(ValueError, match=r"."):
        parse_canonical(body)
