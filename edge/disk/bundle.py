"""Bundles: files and their signed manifest in one zip, for transport on a stick.

Anyone may have written to the stick. So limits apply to every length that a bundle states, and no name in it may lead out of a folder.
"""

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.disk.durable import replace_file
from edge.disk.plain_file import read_plain
from firmware_bridge.errors import InputRefused

CHUNK = 1 << 16
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
"""Bit 0 of an entry's flags (PKWARE APPNOTE 6.3.10, 4.4.4)."""
LINK, KIND = 0o120000, 0o170000
"""Values in a file's Unix mode, which a zip has in the upper half of `external_attr`."""
BORN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a bundle, so that the same files give the same bytes."""
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, OverflowError, struct.error)
"""The errors that `zipfile` raises on bytes that are not a zip."""


class BundleUnusable(InputRefused):
    """A bundle is damaged, too large or of another kind, or cannot be read or written."""

    code = "bundle-unusable"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one kind of bundle: the number of files, and their unpacked bytes: in total, for each, and for some by name.

    `make_it` and `name_it` are the next steps for a person with a wrong bundle, or with none.
    """

    files: int
    bytes_total: int
    bytes_each: int
    bytes_of: Mapping[str, int]
    make_it: str
    name_it: str


def pack(path: Path, contents: Mapping[str, bytes], limits: Limits) -> None:
    """Writes a bundle, which survives a power cut once this returns; the same contents give the same bytes.

    Raises:
        BundleUnusable: it is too large, or cannot be written.
    """
    budget, packed = _Budget(path, limits), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in contents.items():
            budget.spend(name, len(content))
            writer.writestr(zipfile.ZipInfo(name, BORN), content, zipfile.ZIP_DEFLATED)
    try:
        replace_file(path, packed.getvalue())
    except OSError as error:
        raise BundleUnusable(f"{path} cannot be written ({error.strerror})", "Name a folder that this user can write to") from error


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator["Bundle"]:
    """A bundle to read. All of it is read at once: a later error is a fault of the zip, not of the stick.

    Raises:
        BundleUnusable: it cannot be read, is damaged or too large, or holds other entries than plain files; also during its use.
    """
    try:
        content = read_plain(path, limits.bytes_total, links=True)
    except OSError as error:
        raise BundleUnusable(f"{path} cannot be read ({error.strerror})", limits.name_it) from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield Bundle(archive, _entries(archive, path, limits), _Budget(path, limits))
    except DAMAGE as error:
        raise BundleUnusable(f"{path} is not a whole bundle ({error})", "Copy it again") from error


class Bundle:
    """The files of an open bundle, by their plain names."""

    def __init__(self, archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], budget: "_Budget") -> None:
        self._archive, self._entries, self._budget = archive, entries, budget

    @property
    def names(self) -> frozenset[str]:
        """The names of all files in it."""
        return frozenset(self._entries)

    def copy(self, name: str, into: Path) -> str:
        """Writes one file into a folder, under its name, and returns its SHA-256 in hexadecimal.

        Raises:
            BundleUnusable: it unpacks to more than the limits allow.
            OSError: the folder cannot be written, or has such a file.
        """
        digest = hashlib.sha256()
        with self._archive.open(self._entries[name]) as packed, (into / name).open("xb") as file:
            while chunk := packed.read(CHUNK):
                self._budget.spend(name, len(chunk))
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()


def _entries(archive: zipfile.ZipFile, path: Path, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The entries that the bundle states: each is a file with a plain name, listed once."""
    listed = archive.infolist()
    if len(listed) > limits.files:
        raise BundleUnusable(f"{path} holds {len(listed)} files, more than {limits.files}", limits.make_it)
    entries = {entry.filename: entry for entry in listed}
    if len(entries) < len(listed):
        raise BundleUnusable(f"{path} holds two files with the same name", limits.make_it)
    for entry in listed:
        if fault := _fault(entry):
            raise BundleUnusable(f"{entry.filename!r} in {path} {fault}", limits.make_it)
    return entries


def _fault(entry: zipfile.ZipInfo) -> str:
    if not PLAIN.fullmatch(entry.filename):
        return "is not a plain file name: it could lead outside the release"
    if (entry.external_attr >> 16) & KIND == LINK:
        return "is a symbolic link"
    if entry.flag_bits & ENCRYPTED or entry.compress_type not in PACKINGS:
        return "is encrypted, or packed with another method than deflate"
    return ""


@dataclass(frozen=True, slots=True)
class _Budget:
    """The unpacked bytes of a bundle, compared with the limits during unpacking."""

    path: Path
    limits: Limits
    _spent: Counter[str] = field(default_factory=Counter)

    def spend(self, name: str, count: int) -> None:
        self._spent[name] += count
        if self._spent[name] > (most := self.limits.bytes_of.get(name, self.limits.bytes_each)):
            raise BundleUnusable(f"{name} in {self.path} unpacks to more than {most} bytes", "Make it smaller")
        if self._spent.total() > self.limits.bytes_total:
            raise BundleUnusable(f"{self.path} unpacks to more than {self.limits.bytes_total} bytes", "Make it smaller")
