"""Encrypted files are in the format age, so an independent program opens them; whatever is cut, changed or for another key is refused."""

import base64
import hashlib
import hmac
import io
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.stick.sealed import SealedUnusable, make_key, recipient_of, require_recipient, seal, unseal

CHUNK, TAG = 65536, 16
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK)


def sealed(content, recipient):
    into = io.BytesIO()
    seal(io.BytesIO(content), into, recipient)
    return into.getvalue()


def opened(content, secret):
    into = io.BytesIO()
    unseal(io.BytesIO(content), into, secret)
    return into.getvalue()


def hkdf(secret, salt, info):
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def unpadded(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


def scalar_of(secret):
    """The 32 bytes in the text of a secret key (BIP 173, without its checksum)."""
    values = [BECH32.index(each) for each in secret.lower().removeprefix("age-secret-key-1")[:-6]]
    number = 0
    for value in values:
        number = number << 5 | value
    return (number >> (len(values) * 5 - 256)).to_bytes(32, "big")


def by_the_specification(content, secret):
    """Opens an age file as https://c2sp.org/age describes it, with the primitives of `cryptography` alone."""
    key = X25519PrivateKey.from_private_bytes(scalar_of(secret))
    mine = key.public_key().public_bytes_raw()
    end = content.index(b"\n---") + 4
    lines = content[: content.index(b"\n", end)].decode().split("\n")
    assert lines[0] == "age-encryption.org/v1"
    file_key = None
    for number, line in enumerate(lines):
        if line.startswith("-> X25519 "):
            share = unpadded(line.split(" ")[2])
            shared = key.exchange(X25519PublicKey.from_public_bytes(share))
            wrapped = hkdf(shared, share + mine, b"age-encryption.org/v1/X25519")
            file_key = ChaCha20Poly1305(wrapped).decrypt(bytes(12), unpadded(lines[number + 1]), None)
    mac = hmac.digest(hkdf(file_key, b"", b"header"), content[:end], hashlib.sha256)
    assert hmac.compare_digest(mac, unpadded(lines[-1].removeprefix("--- ")))
    body = content[content.index(b"\n", end) + 1 :]
    stream, chunks = hkdf(file_key, body[:16], b"payload"), body[16:]
    parts = [chunks[at : at + CHUNK + TAG] for at in range(0, len(chunks), CHUNK + TAG)]
    plain = b""
    for count, part in enumerate(parts):
        nonce = count.to_bytes(11, "big") + bytes([count == len(parts) - 1])
        plain += ChaCha20Poly1305(stream).decrypt(nonce, part, None)
    return plain


@pytest.fixture(scope="module")
def key():
    return make_key()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_opens_again_and_by_the_specification_alone(key, size):
    secret, recipient = key
    content = bytes(number % 251 for number in range(size))
    made = sealed(content, recipient)
    assert opened(made, secret) == content
    assert by_the_specification(made, secret) == content


def test_the_same_content_never_looks_the_same(key):
    assert sealed(b"x", key[1]) != sealed(b"x", key[1])


@given(size=st.sampled_from(SIZES), part=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_and_any_cut_is_refused(key, size, part, bit):
    made = bytearray(sealed(bytes(size), key[1]))
    at = int(part * len(made))
    with pytest.raises(SealedUnusable):
        opened(bytes(made[:at]), key[0])
    made[at] ^= 1 << bit
    with pytest.raises(SealedUnusable):
        opened(bytes(made), key[0])


def test_another_key_opens_nothing(key):
    with pytest.raises(SealedUnusable):
        opened(sealed(b"x", key[1]), make_key()[0])


class Full(io.BytesIO):
    """A disk that takes some bytes and then no more."""

    def __init__(self, most):
        super().__init__()
        self._left = most

    def write(self, content):
        self._left -= len(content)
        if self._left < 0:
            raise OSError(28, "No space left on device")
        return super().write(content)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("short", [1, 70_000, 10**9])
def test_an_error_of_the_disk_is_raised_as_it_is_even_if_only_the_last_byte_is_refused(key, size, short):
    made = sealed(bytes(size), key[1])
    longest = max(0, len(made) - 512 - short)  # a header differs by some bytes from file to file
    with pytest.raises(OSError, match="No space"):
        seal(io.BytesIO(bytes(size)), Full(longest), key[1])
    if size:
        with pytest.raises(OSError, match="No space"):
            unseal(io.BytesIO(made), Full(max(0, size - short)), key[0])


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA", "x" * 1000])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="not a"):
        recipient_of(text)
    with pytest.raises(ValueError, match="not a"):
        require_recipient(text)


MEASURE = """
import resource, sys
from edge.exchange.stick.sealed import make_key, seal
class Zeros:
    left = int(sys.argv[1])
    def read(self, count):
        count = min(count, self.left); self.left -= count
        return bytes(count)
class Nowhere:
    def write(self, content): pass
    def flush(self): pass
seal(Zeros(), Nowhere(), make_key()[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_large_file_needs_no_more_memory_than_a_small_one(record_property):
    small, large = (
        int(subprocess.run([sys.executable, "-c", MEASURE, str(size)], capture_output=True, check=True, text=True).stdout)
        for size in (1000, 200_000_000)
    )
    record_property("KB more for 200 MB on a stick than for 1 kB", large - small)
    assert large - small < 5000
