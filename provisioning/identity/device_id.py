"""The id of a device: short enough to read aloud, with a check character that detects a wrong or swapped character.

`XXXX-XXXX-XXXX-C`: 60 bits of the SHA-256 of the public key in base32 (RFC 4648), and a check character of the same alphabet.

The check is a Reed-Solomon code with one parity symbol over GF(32), with the primitive polynomial x^5 + x^2 + 1 (Reed and Solomon,
Polynomial codes over certain finite fields, 1960). Each place has its own weight, a power of the primitive element 2, so every single
wrong character and every swap of two different characters changes the sum.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from provisioning.codes import ProvisionRefused

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
LENGTH = 12
GROUP = 4
POLYNOMIAL, OVERFLOW = 0b100101, 0b100000


def device_id(key: Ed25519PublicKey) -> str:
    """The id of the device that has this public key, as it is printed."""
    body = base64.b32encode(hashlib.sha256(key.public_bytes_raw()).digest()).decode()[:LENGTH]
    return _printed(body + check_character(body))


def check_character(body: str) -> str:
    """The check character of a text in base32.

    Raises:
        ValueError: a character is not in the alphabet.
    """
    total = 0
    for character in body:
        total = (total ^ ALPHABET.index(character)) << 1
        total ^= POLYNOMIAL if total & OVERFLOW else 0
    return ALPHABET[total]


def read_id(typed: str) -> str:
    """An id that a person typed, as it is printed; hyphens, spaces and lower case do not matter.

    Raises:
        ProvisionRefused: E-ID, it is not an id, or one of its characters is wrong.
    """
    text = "".join(typed.upper().replace("-", " ").split())
    if len(text) != LENGTH + 1 or not set(text) <= set(ALPHABET):
        raise ProvisionRefused("E-ID", f"{typed!r} is not the id of a device: it has {LENGTH + 1} letters A to Z and digits 2 to 7")
    if check_character(text[:-1]) != text[-1]:
        raise ProvisionRefused("E-ID", f"{typed!r} is not the id of a device: a character is wrong, or two are swapped")
    return _printed(text)


def _printed(text: str) -> str:
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))
