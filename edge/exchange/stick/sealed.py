"""Files that one receiver can open: the format age, version 1 (https://c2sp.org/age), by the library pyrage.

A new key for each file is wrapped for the receiver's X25519 key (HKDF-SHA-256, ChaCha20-Poly1305). With it the content is encrypted in
chunks of 64 KiB, with a counter and a mark of the last chunk in each nonce (STREAM). So a file of any size needs little memory, and a
file that was cut, or in which one bit differs, is refused. Every program for age opens such a file with the receiver's key.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from firmware_bridge.errors import InputRefused

SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - how every secret key begins
"""The beginning of a secret key as text."""

Result = TypeVar("Result")


class SealedUnusable(InputRefused):
    """An encrypted file is cut or changed, or is for another key."""

    code = "sealed-unusable"


class Source(Protocol):
    def read(self, count: int, /) -> bytes: ...


class Sink(Protocol):
    def write(self, content: bytes, /) -> object: ...
    def flush(self) -> object: ...


def make_key() -> tuple[str, str]:
    """A new secret key, and the recipient that it opens for, both as text."""
    from pyrage import x25519  # noqa: PLC0415 - heavy, and wanted here only

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(secret: str) -> str:
    """The recipient of a secret key.

    Raises:
        ValueError: it is not a secret key.
    """
    from pyrage import IdentityError, x25519  # noqa: PLC0415

    try:
        return str(x25519.Identity.from_str(secret).to_public())
    except IdentityError as error:
        raise ValueError("it is not a secret key of age") from error


def require_recipient(text: str) -> str:
    """The text, where it is a recipient.

    Raises:
        ValueError: it is not one.
    """
    from pyrage import RecipientError, x25519  # noqa: PLC0415

    try:
        return str(x25519.Recipient.from_str(text))
    except RecipientError as error:
        raise ValueError("it is not a recipient of age") from error


def seal(source: Source, into: Sink, recipient: str) -> None:
    """Encrypts everything that `source` gives; an error of `source` or `into` is raised as it is."""
    from pyrage import EncryptError, encrypt_io, x25519  # noqa: PLC0415

    kept = _Kept(source, into)
    try:
        encrypt_io(kept, kept, [x25519.Recipient.from_str(recipient)])
    except EncryptError as error:
        raise kept.error or error from None
    kept.require_whole()


def unseal(source: Source, into: Sink, secret: str) -> None:
    """Decrypts everything that `source` gives; what `into` received counts only once this returns.

    Raises:
        SealedUnusable: it is cut, changed, or for another key.
    """
    from pyrage import DecryptError, decrypt_io, x25519  # noqa: PLC0415

    kept = _Kept(source, into)
    try:
        decrypt_io(kept, kept, [x25519.Identity.from_str(secret)])
    except (DecryptError, OSError) as error:
        if kept.error is not None:
            raise kept.error from None
        raise SealedUnusable("it is cut or changed, or is for another key", "Copy it again from the stick") from error
    kept.require_whole()


class _Kept:
    """Remembers the error of a file: the library replaces it by one of its own."""

    def __init__(self, source: Source, into: Sink) -> None:
        self._source, self._into = source, into
        self.error: BaseException | None = None

    def require_whole(self) -> None:
        """The library does not report an error of the last write."""
        if self.error is not None:
            raise self.error

    def read(self, count: int) -> bytes:
        return self._tried(lambda: self._source.read(count))

    def write(self, content: bytes) -> int:
        self._tried(lambda: self._into.write(content))
        return len(content)

    def flush(self) -> None:
        self._tried(self._into.flush)

    def _tried(self, act: Callable[[], Result]) -> Result:
        try:
            return act()
        except BaseException as error:
            self.error = error
            raise
