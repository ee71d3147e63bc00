"""The mark of a claimed appliance: a file outside the database, so that an appliance that loses its records is not anybody's to claim.

It is signed with the key of the audit trail. A mark that is damaged or that another key signed still counts: in doubt the appliance was
claimed. Who may claim it again proves by a code that they can read its log or its shell; each mark has its own code.
"""

import base64
import hashlib
import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.disk.durable import OWNER, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import NotPlain, read_plain
from edge.records.audit.seal import Seal

MOST_BYTES = 10_000
CODE_LETTERS = 12


class _Mark(BaseModel):
    """`nonce` makes each mark, and so its code, another one; `signature` is of `nonce`."""

    model_config = ConfigDict(frozen=True)

    nonce: str
    signature: str


class ClaimMark:
    """The mark of one data folder."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._path, self._seal = DataFolder(folder).claimed, seal

    @property
    def present(self) -> bool:
        """Whether the appliance is, or ever was, claimed; any file with the name of the mark counts."""
        return os.path.lexists(self._path)

    @property
    def own(self) -> bool:
        """Whether there is a mark that the key of this appliance signed."""
        try:
            mark = _Mark.model_validate_json(self._content)
        except ValidationError:
            return False
        return self._seal.holds(_text(mark.nonce), mark.signature)

    @property
    def code(self) -> str:
        """The code for the next claim, such as `K7QH-2MPA-XW3T`; only the key of this appliance can make it."""
        signed = self._seal.sign(f"sonoedge-claim-code {hashlib.sha256(self._content).hexdigest()}")
        letters = base64.b32encode(hashlib.sha256(signed.encode()).digest()).decode()[:CODE_LETTERS]
        return "-".join(letters[place : place + 4] for place in range(0, CODE_LETTERS, 4))

    def accepts(self, code: str) -> bool:
        """Whether this is the code; small letters, spaces and hyphens make no difference."""
        given = "".join(character for character in code.upper() if character.isalnum())
        return secrets.compare_digest(given.encode(), self.code.replace("-", "").encode())

    def put(self) -> None:
        """Makes a new mark, with another code; once this returns it survives a power cut.

        Raises:
            OSError: the disk refuses it.
        """
        nonce = secrets.token_hex(16)
        mark = _Mark(nonce=nonce, signature=self._seal.sign(_text(nonce)))
        replace_file(self._path, mark.model_dump_json().encode(), OWNER)

    @property
    def _content(self) -> bytes:
        try:
            return read_plain(self._path, MOST_BYTES)
        except (OSError, NotPlain):
            return b""


def _text(nonce: str) -> str:
    return f"sonoedge-claimed {nonce}"
