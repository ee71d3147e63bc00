"""The claim code: whoever reads it from the set-up sheet may take the device over, once.

Only its scrypt hash is stored, so a copied disk does not show it. The tries are counted on the disk before the code is compared: a restart
or a power cut gives none back.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.disk.durable import OWNER, locked, make_folder, replace_file
from edge.disk.plain_file import read_plain
from provisioning.codes import ProvisionRefused

CLAIM = "claim.json"
LOCK = "claim.lock"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O and U."""
LOOKS_LIKE = str.maketrans("OIL", "011", "- ")
LENGTH, GROUP = 10, 5
"""10 characters of 5 bits: 50 bits."""
TRIES = 10
COST, BLOCK, LANES = 2**14, 8, 1
"""scrypt with 16 MB, as RFC 7914 recommends for interactive logins."""
MOST_BYTES = 1000
NEW_CODE = "Make a new claim code in the shell of the board: sonoedge provision init --new-claim"

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$", max_length=200)]


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    salt: Hex
    hash: Hex
    tries_left: Annotated[int, Field(ge=0, le=TRIES)] = TRIES
    used: bool = False


def make_claim(folder: Path) -> str:
    """A new code, as it is printed; it ends the previous one. Nothing else shows it again.

    Raises:
        OSError: the identity folder or the disk refuses it; then the previous code is still valid.
    """
    code, salt = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)), secrets.token_bytes(16)
    make_folder(folder)
    with _alone(folder):
        _store(folder, _Claim(salt=salt.hex(), hash=_hash(code, salt)))
    return f"{code[:GROUP]}-{code[GROUP:]}"


def consume_claim(folder: Path, typed: str) -> None:
    """Uses the code up; hyphens, spaces and lower case do not matter. Once this returns, no code is valid, also after a power cut.

    Raises:
        ProvisionRefused: E-CLAIM, the code is wrong, was used, or has no tries left; E-NOT-SET-UP, there is no code.
        OSError: the identity folder or the disk refuses it; then the code was not used.
    """
    with _alone(folder):
        claim = _stored(folder)
        if claim.used:
            raise ProvisionRefused("E-CLAIM", "The claim code of this device was already used", NEW_CODE)
        if not claim.tries_left:
            raise ProvisionRefused("E-CLAIM", f"The claim code was typed wrong {TRIES} times and is no longer valid", NEW_CODE)
        claim = claim.model_copy(update={"tries_left": claim.tries_left - 1})
        _store(folder, claim)
        if not hmac.compare_digest(_hash(typed.upper().translate(LOOKS_LIKE), bytes.fromhex(claim.salt)), claim.hash):
            raise ProvisionRefused("E-CLAIM", f"The claim code is wrong; {claim.tries_left} tries are left")
        _store(folder, claim.model_copy(update={"used": True}))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two processes must not share one try."""
    try:
        with locked(folder / LOCK, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX, OWNER):
            yield
    except FileNotFoundError as error:
        raise ProvisionRefused("E-NOT-SET-UP", f"{folder} holds no claim code") from error


def _stored(folder: Path) -> _Claim:
    path = folder / CLAIM
    try:
        return _Claim.model_validate_json(read_plain(path, MOST_BYTES))
    except ValidationError as error:
        raise ProvisionRefused("E-CLAIM", f"{path} is damaged", NEW_CODE) from error


def _store(folder: Path, claim: _Claim) -> None:
    replace_file(folder / CLAIM, claim.model_dump_json().encode(), OWNER)


def _hash(code: str, salt: bytes) -> str:
    return hashlib.scrypt(code.encode(errors="replace"), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=32).hex()
