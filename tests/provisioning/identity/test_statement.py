"""A statement is read only as the device made it."""

import json
from contextlib import suppress
from typing import Literal

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.identity.device import make_device
from provisioning.identity.statement import Statement, signed, verified


class Weight(Statement):
    kind: Literal["weight"] = "weight"
    grams: float


class Height(Statement):
    kind: Literal["height"] = "height"
    grams: float


@pytest.fixture
def content(device):
    return signed(device, Weight(device=device.id, grams=12.5))


def refusal(content, form=Weight, device=None):
    with pytest.raises(ProvisionRefused) as refused:
        verified(content, form, device)
    assert refused.value.cause == "E-STATEMENT"
    return refused.value.what


def test_a_statement_is_read_as_it_was_made(device, content):
    assert verified(content, Weight, device.id) == Weight(device=device.id, grams=12.5)
    assert verified(json.dumps(json.loads(content), indent=2).encode(), Weight).grams == 12.5


def test_each_changed_byte_of_the_facts_is_detected(content):
    facts = range(content.index(b'"statement"'), len(content))
    assert all(refusal(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) for at in facts)


def test_a_changed_byte_of_key_or_signature_changes_no_fact(content):
    """The last character of base64 has unused bits, which mean nothing."""
    for at in range(content.index(b'"statement"')):
        with suppress(ProvisionRefused):
            assert verified(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], Weight) == verified(content, Weight)


def test_a_signature_of_one_form_never_passes_for_another(content):
    assert "not a statement" in refusal(content, Height)


def test_another_device_cannot_state_it(device, tmp_path):
    other = make_device(tmp_path)
    assert "another device" in refusal(signed(other, Weight(device=device.id, grams=1)))
    assert f"not {device.id}" in refusal(signed(other, Weight(device=other.id, grams=1)), device=device.id)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"statement": {"n": 1e400}, "key": "", "signature": ""}',
        b"[" * 100_000,
        b'{"statement": {"n": 90071992547409930}, "key": "AAAA", "signature": ""}',
    ],
)
def test_what_is_no_statement_is_refused(content):
    assert "not a statement" in refusal(content)
