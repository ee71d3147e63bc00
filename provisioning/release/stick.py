"""Writes a release to a stick and reads every byte back from the medium: sticks lie, and a technician has no second one in the field."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from edge.disk.durable import make_folder, replacing
from provisioning.release.repository import Repository
from provisioning.release.shelf import refused
from provisioning.trust.source import METADATA, ON_STICK, TARGETS

CHUNK = 1 << 20


def publish(repository: Repository, mounted: Path) -> int:
    """Makes `sonoedge/metadata` and `sonoedge/targets` on a stick what was released last; returns the number of files.

    The timestamp is written last: without it, a half-written stick is refused.

    Raises:
        ProvisionRefused: E-RELEASE, the repository cannot be used, or the stick gives back other bytes than were written.
        OSError: the stick is full, or refuses it.
    """
    stick = mounted / ON_STICK
    released = dict(_released(repository))
    for path in sorted(stick.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(stick) not in released:
            path.unlink()
    for name, path in released.items():
        make_folder((stick / name).parent)
        _copy(path, stick / name)
    return len(released)


def _released(repository: Repository) -> Iterator[tuple[Path, Path]]:
    """Each file of the newest release, by its place on the stick."""
    shelf = repository.shelf
    timestamp = shelf.load(Timestamp.type, Timestamp).signed
    snapshot = shelf.load(Snapshot.type, Snapshot, timestamp.snapshot_meta.version).signed
    versions = {name.removesuffix(".json"): meta.version for name, meta in snapshot.meta.items()}
    for role, version in versions.items():
        for target in shelf.load(role, Targets, version).signed.targets.values():
            name = target.get_prefixed_paths()[0]
            yield Path(TARGETS, name), repository.targets / name
    root = shelf.load(Root.type, Root).signed.version
    names = [f"{version}.{Root.type}" for version in range(1, root + 1)]
    names += [f"{version}.{role}" for role, version in versions.items()]
    for name in (*names, f"{snapshot.version}.{Snapshot.type}", Timestamp.type):
        yield Path(METADATA, f"{name}.json"), shelf.folder / f"{name}.json"


def _copy(path: Path, place: Path) -> None:
    digest = sha256()
    with path.open("rb") as content, replacing(place) as copy:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if _read_back(place) != digest.digest():
        raise refused(f"{place} does not hold what was written to it", "Use another stick")


def _read_back(place: Path) -> bytes:
    """The SHA-256 of what the medium holds, not of what the memory still has of it."""
    digest = sha256()
    with place.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.digest()
