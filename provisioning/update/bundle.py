"""The bundle of a release: one tar with the manifest first, then the files that it lists, and nothing else."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from provisioning.boot.files import PIECE, Files, make_folders
from provisioning.codes import ProvisionRefused
from provisioning.update import manifest
from provisioning.update.manifest import Item, Manifest

OWNER_READS, AT_START = 0o644, 0
BROKEN = (tarfile.TarError, EOFError, ValueError, RecursionError)
"""What tarfile raises for bytes that are no tar; the last for headers that follow each other without end."""


def write(into: BinaryIO, facts: Manifest, sources: Mapping[str, Path]) -> None:
    """Writes a bundle: the same files and facts give the same bytes. `sources` has the file of each path in the manifest.

    Raises:
        OSError: a file cannot be read, or the bundle cannot be written.
    """
    with tarfile.open(fileobj=into, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        content = facts.model_dump_json(indent=2).encode()
        tar.addfile(_entry(manifest.NAME, len(content)), io.BytesIO(content))
        for item in facts.files:
            with sources[item.path].open("rb") as file:
                tar.addfile(_entry(item.path, item.size), file)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, OWNER_READS, AT_START
    return entry


def unpack(files: Files, bundle: Path, into: Path) -> Manifest:
    """Unpacks a bundle into an existing folder; each file is compared with the manifest while it is written. Nothing is synced.

    Raises:
        ProvisionRefused: E-TAMPER, it holds anything else than the manifest lists.
        OSError: the disk refuses it.
    """
    try:
        with files.open(bundle) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            return _unpacked(files, tar, into, bundle.name)
    except BROKEN as error:
        raise ProvisionRefused("E-TAMPER", f"{bundle.name} is not a whole bundle ({error})") from error


def first(packed: BinaryIO, where: str) -> Manifest:
    """The manifest of a bundle.

    Raises:
        ProvisionRefused: E-TAMPER, it has none.
    """
    try:
        with tarfile.open(fileobj=packed, mode="r|") as tar:
            return _stated(tar, iter(tar), where)
    except BROKEN as error:
        raise ProvisionRefused("E-TAMPER", f"{where} is not a whole bundle ({error})") from error


def _stated(tar: tarfile.TarFile, entries: Iterator[tarfile.TarInfo], where: str) -> Manifest:
    entry = next(entries, None)
    if entry is None or entry.name != manifest.NAME or not entry.isreg() or entry.size > manifest.MOST_BYTES:
        raise ProvisionRefused("E-TAMPER", f"{where} does not begin with {manifest.NAME}")
    return manifest.parse(_content(tar, entry).read(), where)


def _unpacked(files: Files, tar: tarfile.TarFile, into: Path, where: str) -> Manifest:
    entries = iter(tar)
    stated = _stated(tar, entries, where)
    wanted = {item.path: item for item in stated.files}
    for entry in entries:
        item = wanted.pop(entry.name, None)
        if item is None or not entry.isreg() or entry.size != item.size:
            raise ProvisionRefused("E-TAMPER", f"{where} holds {entry.name!r}, which its manifest does not list like this")
        _write(files, _content(tar, entry), item, into / item.path, where)
    if wanted:
        raise ProvisionRefused("E-TAMPER", f"{where} lacks {min(wanted)}")
    return stated


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> BinaryIO:
    content = tar.extractfile(entry)
    if content is None:
        raise ValueError(f"{entry.name} has no content")
    return content  # type: ignore[return-value] # IO[bytes] is what BinaryIO is


def _write(files: Files, content: BinaryIO, item: Item, path: Path, where: str) -> None:
    make_folders(files, path.parent)
    digest = hashlib.sha256()
    files.write(path, _hashed(content, digest))
    if digest.hexdigest() != item.sha256:
        raise ProvisionRefused("E-TAMPER", f"{item.path} in {where} does not have the content that its manifest states")


def _hashed(content: BinaryIO, digest: "hashlib._Hash") -> Iterator[bytes]:
    while piece := content.read(PIECE):
        digest.update(piece)
        yield piece
