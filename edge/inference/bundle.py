"""A bundle: a release and who signed it in one file, NAME-VERSION.sonomodel, to be carried on a stick.

It is a zip of the release's files and `signature.json`. Nobody has looked at it before: it is read by limits, and each byte that is
kept is one whose digest the signed manifest names.
"""

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.disk.durable import replace_file
from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.release import MANIFEST, ModelRelease
from edge.inference.release_files import Manifest, parse
from edge.inference.signing import SIGNATURE, Keys, SigningKey, signed_by

SUFFIX = ".sonomodel"
MOST_FILES = 32
"""A manifest names 30 at most."""
MOST_BYTES_OF = {MANIFEST: 1_000_000, SIGNATURE: 10_000}
MOST_BYTES_OF_ANY = 64_000_000
MOST_BYTES = 128_000_000
"""Of all files together, unpacked; a release of today holds 5 000 000."""
CHUNK = 1 << 16
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
"""Bit 0 of an entry's flags (PKWARE APPNOTE 6.3.10, 4.4.4)."""
LINK, KIND = 0o120000, 0o170000
"""Of a file's mode in Unix, which a zip carries in the upper half of `external_attr`."""
BORN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a bundle, so that the same release gives the same bytes."""
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, OverflowError, struct.error)
"""What `zipfile` raises at bytes that are no zip."""


def pack(folder: Path, out: Path, key: SigningKey) -> Path:
    """Signs a release and writes it as one file in the folder `out`; returns its path.

    Raises:
        ModelUnusable: the release is damaged, is too large, or `out` may not be written.
    """
    release = ModelRelease.load(folder)
    release.verify()
    manifest = (folder / MANIFEST).read_bytes()
    contents = {MANIFEST: manifest, SIGNATURE: key.sign(manifest)}
    contents |= {name: (folder / name).read_bytes() for name in sorted(release.files)}
    bundle, packed = out / f"{release.ident}{SUFFIX}", io.BytesIO()
    budget = _Budget(bundle)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in contents.items():
            budget.spend(name, len(content))
            writer.writestr(zipfile.ZipInfo(name, BORN), content, zipfile.ZIP_DEFLATED)
    try:
        replace_file(bundle, packed.getvalue())
    except OSError as error:
        raise ModelUnusable(f"{bundle} cannot be written ({error.strerror})", "Name a folder that this user may write") from error
    return bundle


def unpack(bundle: Path, into: Path, keys: Keys, *, unsigned: bool = False) -> str | None:
    """Puts the files of a bundle into an empty folder; returns the name of the trusted key that signed it.

    With `unsigned` one that nobody trusted has signed is taken too, for which None is returned; a signature that is wrong never is.

    Raises:
        ModelUnusable: it is damaged, is too large, holds other files than its manifest names, or nobody trusted has signed it.
        OSError: `into` cannot be written.
    """
    with _opened(bundle) as archive:
        entries = _entries(archive, bundle)
        if MANIFEST not in entries:
            raise ModelUnusable(f"{bundle} holds no {MANIFEST}", "Make it with sonoedge model pack")
        budget = _Budget(bundle)
        _copy(archive, entries[MANIFEST], into, budget)
        signer = _signer(archive, entries, into, budget, keys)
        if signer is None and not unsigned:
            raise ModelUnusable(
                f"nobody whom this site trusts has signed {bundle}",
                "Put the public key of its maker, NAME.pub, into model_keys of data_dir, or say --unsigned if you know where it is from",
            )
        wanted = parse(into / MANIFEST, Manifest).files
        if odd := wanted.keys() ^ (entries.keys() - MOST_BYTES_OF.keys()):
            raise ModelUnusable(f"{bundle} and its {MANIFEST} do not name the same files ({', '.join(sorted(odd))})", COPY_AGAIN)
        for name, digest in wanted.items():
            if _copy(archive, entries[name], into, budget) != digest:
                raise ModelUnusable(f"{name} in {bundle} is not the file that was released", COPY_AGAIN)
        return signer


def _signer(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], into: Path, budget: "_Budget", keys: Keys) -> str | None:
    """Leaves `signature.json` in the folder only where it is that of a trusted key."""
    if SIGNATURE not in entries:
        return None
    _copy(archive, entries[SIGNATURE], into, budget)
    signer = signed_by((into / MANIFEST).read_bytes(), (into / SIGNATURE).read_bytes(), keys, budget.bundle)
    if signer is None:
        (into / SIGNATURE).unlink()
    return signer


@contextmanager
def _opened(bundle: Path) -> Iterator[zipfile.ZipFile]:
    """Reads all of it at once: what fails from here on is the zip, not the stick it lies on."""
    try:
        with bundle.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ModelUnusable(f"{bundle} cannot be read ({error.strerror})", "Name a bundle or a release folder") from error
    if len(content) > MOST_BYTES:
        raise ModelUnusable(f"{bundle} holds more than {MOST_BYTES} bytes", "Make it with sonoedge model pack")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except DAMAGE as error:
        raise ModelUnusable(f"{bundle} is no whole bundle ({error})", "Copy it again") from error


def _entries(archive: zipfile.ZipFile, bundle: Path) -> dict[str, zipfile.ZipInfo]:
    """What the bundle says it holds, each by a plain name, once, and a file."""
    listed = archive.infolist()
    if len(listed) > MOST_FILES:
        raise ModelUnusable(f"{bundle} holds {len(listed)} files, more than {MOST_FILES}", "Make it with sonoedge model pack")
    entries = {entry.filename: entry for entry in listed}
    if len(entries) < len(listed):
        raise ModelUnusable(f"{bundle} holds two files of one name", "Make it with sonoedge model pack")
    for entry in listed:
        if fault := _fault(entry):
            raise ModelUnusable(f"{entry.filename!r} in {bundle} {fault}", "Make it with sonoedge model pack")
    return entries


def _fault(entry: zipfile.ZipInfo) -> str:
    if not PLAIN.fullmatch(entry.filename):
        return "is no plain file name: it could lead outside the release"
    if (entry.external_attr >> 16) & KIND == LINK:
        return "is a symbolic link"
    if entry.flag_bits & ENCRYPTED or entry.compress_type not in PACKINGS:
        return "is encrypted, or packed by another method than deflate"
    return ""


class _Budget:
    """What a bundle unpacks to, held against the limits as it comes, whatever lengths the zip states."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        self._spent: Counter[str] = Counter()

    def spend(self, name: str, count: int) -> None:
        self._spent[name] += count
        if self._spent[name] > (most := MOST_BYTES_OF.get(name, MOST_BYTES_OF_ANY)):
            raise ModelUnusable(f"{name} in {self.bundle} unpacks to more than {most} bytes", "Make it smaller")
        if self._spent.total() > MOST_BYTES:
            raise ModelUnusable(f"{self.bundle} unpacks to more than {MOST_BYTES} bytes", "Make it smaller")


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path, budget: _Budget) -> str:
    """Writes one file and returns its SHA-256."""
    digest = hashlib.sha256()
    with archive.open(entry) as packed, (into / entry.filename).open("xb") as file:
        while chunk := packed.read(CHUNK):
            budget.spend(entry.filename, len(chunk))
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
