"""The forms of a bundle: what the board signs, and the manifest of an exam, which only the receiver can read."""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from edge.exchange.stick.signed import Form

STATEMENT, SUMMARY = "BUNDLE.json", "READ-ME.txt"
SEALED, PART = ".age", ".part"
DIGEST = 32
"""Characters of a SHA-256, in hexadecimal, in the name of a file: 128 bits."""
HEX = rf"^[0-9a-f]{{{DIGEST}}}$"
FILE = rf"^[0-9a-f]{{{DIGEST}}}-[0-9a-f]{{{DIGEST}}}\.age$"
PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$"
"""Of a file of an exam: a plain name, or one in a plain folder."""
SHA256 = r"^[0-9a-f]{64}$"
MOST_STATEMENT, MOST_MANIFEST = 50_000_000, 20_000_000
"""Bytes; a statement of 10,000 exams of 40 files each has half of it."""
BOARD = r"^[A-Za-z0-9][A-Za-z0-9-]{0,59}$"


class Entry(Form):
    """A complete exam: its folder in the bundle, its manifest there with the SHA-256 of its encrypted bytes, and its other files.

    `state` differs once the exam differs on the board; it reveals nothing else. `recordings` are how many of its clips are among the files.
    """

    kind: Literal["exam"] = "exam"
    folder: Annotated[str, Field(pattern=HEX)]
    state: Annotated[str, Field(pattern=HEX)]
    manifest: Annotated[str, Field(pattern=FILE)]
    sha256: Annotated[str, Field(pattern=SHA256)]
    files: tuple[Annotated[str, Field(pattern=FILE)], ...]
    recordings: Annotated[int, Field(ge=0)]


class Statement(Form):
    """`BUNDLE.json`. `wanted` exams were asked for when it was last written; fewer complete ones show that it was interrupted.

    `board` is the id on the label of the board; `receiver` and `recipient` are the name and the age key of the receiver.
    """

    kind: Literal["sonoedge-stick/1"] = "sonoedge-stick/1"
    board: Annotated[str, Field(pattern=BOARD)]
    receiver: Annotated[str, Field(max_length=60)]
    recipient: Annotated[str, Field(max_length=200)]
    made_at: AwareDatetime
    wanted: Annotated[int, Field(ge=0)]
    exams: tuple[Entry, ...]


class SealedFile(Form):
    """A file of an exam: its path there, the name of its encrypted form, and its own size and SHA-256."""

    kind: Literal["file"] = "file"
    name: Annotated[str, Field(pattern=PATH)]
    sealed: Annotated[str, Field(pattern=FILE)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=SHA256)]


class Manifest(Form):
    """The files of an exam for one receiver; `missing` states in words what the records have and the bundle lacks.

    `folder` is that in the bundle, `name` the one that the exam gets when it is opened.
    """

    kind: Literal["sonoedge-stick-exam/1"] = "sonoedge-stick-exam/1"
    recipient: str
    folder: Annotated[str, Field(pattern=HEX)]
    exam: str
    study_uid: str
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")]
    files: tuple[SealedFile, ...]
    missing: tuple[str, ...]
    notice: str


def token(*parts: str) -> str:
    """The first half of a name in the bundle: it tells nobody what it is of, and stays the same for the same parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGEST]


def is_ours(name: str) -> bool:
    """Whether a writer of bundles gives this name."""
    return name in (STATEMENT, SUMMARY) or name.endswith(".new") or re.fullmatch(HEX, name) is not None
