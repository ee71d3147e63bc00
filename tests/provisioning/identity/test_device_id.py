"""An id detects each single wrong character and each swap of neighbours, its check character included."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provisioning.codes import ProvisionRefused
from provisioning.identity.device_id import ALPHABET, check_character, device_id, read_id

bodies = st.text(ALPHABET, min_size=12, max_size=12)


def valid(text):
    return check_character(text[:-1]) == text[-1]


def test_the_id_of_a_known_key():
    """The key of RFC 8032, 7.1, test 1; sha256sum and base32 give the same twelve characters for its public half."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert device_id(key.public_key()) == "EH7D-DX5B-KSRG-X"


@given(bodies)
def test_each_wrong_character_is_detected(body):
    text = body + check_character(body)
    assert valid(text)
    assert not any(valid(text[:at] + other + text[at + 1 :]) for at in range(len(text)) for other in ALPHABET if other != text[at])


@given(bodies)
def test_each_swap_of_two_different_characters_is_detected(body):
    text = body + check_character(body)
    places = [(a, b) for a in range(13) for b in range(a + 1, 13) if text[a] != text[b]]
    for a, b in places:
        swapped = list(text)
        swapped[a], swapped[b] = text[b], text[a]
        assert not valid("".join(swapped))


@given(bodies)
def test_people_type_it_in_their_own_way(body):
    text = body + check_character(body)
    printed = f"{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12]}"
    assert {read_id(printed), read_id(text.lower()), read_id(f" {printed.replace('-', ' ')} ")} == {printed}


@pytest.mark.parametrize("typed", ["", "A", "AAAA-AAAA-AAAA-B", "AAAA-AAAA-AAA1-A", "AAAA-AAAA-AAAA-AA", "ÄAAA-AAAA-AAAA-A"])
def test_what_is_no_id_is_refused(typed):
    with pytest.raises(ProvisionRefused) as refused:
        read_id(typed)
    assert refused.value.cause == "E-ID"
