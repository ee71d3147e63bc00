"""A receiver of sticks: an age key that opens what is written for it, and an Ed25519 key that signs the reviews that it sends back.

Three files with the name of the receiver: `NAME.receiver.json` is public and goes to the boards; `NAME.age` (the secret key, as every
program for age reads it) and `NAME.pem` stay with the receiver. The public file is signed with the receiver's own key, so that its name,
key and validity belong together. That it is the right receiver, a person compares by the fingerprint.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, Field, ValidationError

from edge.disk.durable import OWNER, create_file
from edge.disk.keys import KeyUnusable, from_pem, make_private_key
from edge.disk.plain_file import read_plain
from edge.disk.signing import NAME, PRIVATE
from edge.exchange.stick.sealed import SECRET, make_key, recipient_of, require_recipient
from edge.exchange.stick.signed import Form, KeySigner, signed, verified

PUBLIC, OPENS = ".receiver.json", ".age"
MOST_BYTES = 20_000
FINGERPRINT = 16
"""Characters of the SHA-256 of the signing key, in hexadecimal: 64 bits, which a person can read aloud."""
DAYS = 365
"""How long a receiver's key is valid, where nobody states it."""
ASK = "Ask the receiver for NAME.receiver.json, which sonoedge export key new makes"


class Receiver(Form):
    """The public file: who opens what `recipient` (age) is written for, from when until when; `reviews` (PEM) signs what comes back."""

    kind: Literal["sonoedge-receiver/1"] = "sonoedge-receiver/1"
    name: Annotated[str, Field(pattern=NAME)]
    recipient: Annotated[str, Field(max_length=200)]
    reviews: Annotated[str, Field(max_length=1000)]
    valid_from: AwareDatetime
    valid_until: AwareDatetime

    @property
    def fingerprint(self) -> str:
        """Of the signing key: a person compares it with the receiver, for example by telephone."""
        return hashlib.sha256(self.reviews.encode()).hexdigest()[:FINGERPRINT]

    @property
    def mark(self) -> str:
        """The receiver in the name of a file or folder."""
        return f"{self.name}-{self.fingerprint[:8]}"

    def require_valid(self, now: datetime) -> None:
        """Raises KeyUnusable: the key has expired, or is not valid yet."""
        if now >= self.valid_until:
            day = f"{self.valid_until:%Y-%m-%d}"
            fix = "Ask the receiver for a new one: sonoedge export key new"
            raise KeyUnusable("The key of {receiver} expired on {day}", fix, says="receiver_expired", receiver=self.name, day=day)
        if now < self.valid_from:
            what = "The key of {receiver} is valid from {day}, and this board's clock states {today}"
            fix, day, today = "Check the clock of this board", f"{self.valid_from:%Y-%m-%d}", f"{now:%Y-%m-%d}"
            raise KeyUnusable(what, fix, says="receiver_early", receiver=self.name, day=day, today=today)

    def signed_with(self, key: Ed25519PublicKey) -> bool:
        """Whether this is the key with which the receiver signs."""
        mine = from_pem(self.reviews)
        return mine is not None and mine.public_bytes_raw() == key.public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Made:
    """The three files of a new receiver."""

    receiver: Receiver
    public: Path
    opens: Path
    signs: Path


def make_receiver(name: str, folder: Path, now: datetime, days: int = DAYS) -> Made:
    """Makes the files of a receiver; only their owner is allowed to read the secret ones. They survive a power cut.

    Raises:
        KeyUnusable: the name is not valid, one of the files exists, or the folder cannot be written.
    """
    if not re.fullmatch(NAME, name):
        raise KeyUnusable(f"{name!r} is not a valid name for a receiver", "Use letters, digits, dots and hyphens, such as gondar-radiology")
    public, opens, signs = (folder / f"{name}{end}" for end in (PUBLIC, OPENS, PRIVATE))
    if there := [path for path in (public, opens, signs) if path.exists()]:
        raise KeyUnusable(f"{there[0]} exists already", "Choose another name or folder: no key is overwritten")
    secret, recipient = make_key()
    try:
        signer = KeySigner(make_private_key(signs))
        valid = {"valid_from": now.replace(microsecond=0), "valid_until": (now + timedelta(days=days)).replace(microsecond=0)}
        receiver = Receiver.model_validate({"name": name, "recipient": recipient, "reviews": signer.public, **valid})
        create_file(opens, f"# SonoEdge receiver {name}\n# public key: {recipient}\n{secret}\n".encode(), OWNER)
        create_file(public, signed(receiver, signer))
    except OSError as error:
        raise KeyUnusable(f"{folder} cannot take the keys ({error.strerror})", "Choose another folder") from error
    return Made(receiver, public, opens, signs)


def load_receiver(path: Path) -> Receiver:
    """The public file of a receiver.

    Raises:
        KeyUnusable: it cannot be read, is not such a file, or was changed.
    """
    content = _content(path, ASK)
    if SECRET.encode() in content or b"PRIVATE KEY" in content:
        raise KeyUnusable(f"{path} is a secret key, and must stay with the receiver", ASK)
    try:
        receiver, key = verified(content, Receiver)
        require_recipient(receiver.recipient)
    except ValidationError as error:
        raise KeyUnusable(f"{path} is not the public key of a receiver", ASK) from error
    except ValueError as error:
        raise KeyUnusable(f"{path} is not the public key of a receiver: {error}", ASK) from error
    if not receiver.signed_with(key):
        raise KeyUnusable(f"{path} is signed with another key than that of the receiver", ASK)
    return receiver


def load_secret(path: Path) -> str:
    """The secret key in a file `NAME.age`.

    Raises:
        KeyUnusable: it cannot be read, or is not such a key.
    """
    fix = "Give the file NAME.age, which sonoedge export key new made"
    lines = [line.strip() for line in _content(path, fix).decode(errors="replace").splitlines()]
    found: Sequence[str] = [line for line in lines if line.startswith(SECRET)]
    try:
        recipient_of(found[0])
    except (IndexError, ValueError) as error:
        raise KeyUnusable(f"{path} is not a secret key of a receiver", fix) from error
    return found[0]


def _content(path: Path, fix: str) -> bytes:
    try:
        return read_plain(path, MOST_BYTES, links=True)
    except OSError as error:
        raise KeyUnusable(f"{path} cannot be read ({error.strerror or error})", fix) from error
