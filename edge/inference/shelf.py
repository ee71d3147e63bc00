"""The shelf: the releases on an appliance, and which of them is active. A hospital can install its own release and go back.

`models` of `data_dir` holds a folder for each installed release, and `active.json`. A release is written in full under a name that
begins with a dot and then renamed, so that a power cut leaves no half-installed release.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import Self

from edge.disk.durable import make_folder, place_folder, replace_file
from edge.disk.layout import DataFolder
from edge.disk.signing import SIGNATURE, Keys
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.errors import ModelUnusable
from edge.inference.gather import gather
from edge.inference.ident import Ident
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, MANIFEST, ModelRelease
from edge.inference.release_files import Manifest, parse
from edge.inference.trust import signer_of
from edge.inference.validation import stops_none

POINTER = "active.json"
UNFINISHED = ".new"
NO_KEYS = Path("/nonexistent")
"""Of a shelf without trusted keys, which admits no signed release."""
AS_ITS_USER = "Run this as the user who owns data_dir"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A release. `signed_by`: the trusted key; None: it came with the program, or has no signature. `problem`: why it is unusable."""

    ident: str
    folder: Path
    built_in: bool
    signed_by: str | None = None
    problem: str | None = None


class Pointer(BaseModel):
    """`active.json`: the release that reads, and the one that read before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    active: str | None = None
    previous: str | None = None


class Shelf:
    """The store of releases. Threads and processes may share it: one change at a time."""

    def __init__(self, folder: Path, built_in: Path = BUILT_IN, keys: Path = NO_KEYS, accepted: Acceptances | None = None) -> None:
        """`built_in` is a family: a folder of releases; `keys` is the folder of the trusted keys.

        `folder` need not exist yet; `accepted` knows for which machines this site has accepted a release, `stops` which ones it stopped.
        """
        self.folder, self.built_in = folder, built_in
        self._keys, self._accepted, self.stops = keys, accepted, stops_none

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """The shelf of an appliance."""
        data = DataFolder(data_dir)
        return cls(data.models, keys=data.model_keys, accepted=Acceptances.of(data_dir))

    def names(self) -> Iterator[Shelved]:
        """Every release, installed ones first, by its ident alone, without checks.

        Raises:
            ModelUnusable: the folder cannot be read.
        """
        for folder in self._folders():
            if folder.is_dir() and not folder.name.startswith("."):
                yield Shelved(folder.name, folder, built_in=False)
        for folder in family(self.built_in):
            yield Shelved(_ident(folder), folder, built_in=True)

    def releases(self) -> tuple[Shelved, ...]:
        """Every release, each checked against its own digests.

        Raises:
            ModelUnusable: the folder cannot be read.
        """
        return tuple(self._examined(each) for each in self.names())

    def find(self, ident: str) -> Path:
        """The folder of "lung-m-0.3.0", or of the newest version of "lung-m".

        Raises:
            ModelUnusable: there is no such release; the message names the existing ones.
        """
        return self._found(ident).folder

    def to_read(self, ident: str) -> Path:
        """The folder of a release that is about to read; see `find`.

        Raises:
            ModelUnusable: there is no such release, or its key is not trusted any more.
        """
        return self.trusted(self.find(ident))

    def trusted(self, folder: Path) -> Path:
        """The folder of a release, of this shelf or another, unless somebody signed it whose key is not trusted.

        Raises:
            ModelUnusable: see `signer_of`.
        """
        signer_of(folder, self._keys)
        return folder

    def at_site(self, reader: Reader) -> Reader:
        """The same reader; its release also holds on the machines for which this site has accepted it, and not while the site stops it."""
        release = reader.release
        accepted = release.accepted if self._accepted is None else self._accepted.on(release.sha256, release.findings)
        reader.release = replace(release, accepted=accepted, stopped=lambda: self.stops(release.ident))
        return reader

    def active(self) -> str | None:
        """The release that was activated last; None if the appliance chooses.

        Raises:
            ModelUnusable: `active.json` is damaged.
        """
        return self._pointer().active

    def previous(self) -> str | None:
        """The release before the active one; None if there is none.

        Raises:
            ModelUnusable: `active.json` is damaged.
        """
        return self._pointer().previous

    def goes_back_to(self) -> str:
        """The release that `rollback` goes back to.

        Raises:
            ModelUnusable: there is no previous release, or `active.json` is damaged.
        """
        before = self.previous()
        if before is None:
            raise ModelUnusable("there is no release to go back to", "Choose one from sonoedge model list with sonoedge model activate")
        return before

    def activate(self, ident: str, before: str | None = None) -> str:
        """Makes a release the active one and returns its full ident; once this returns, it survives a power cut.

        `before` is the release that has read until now. It becomes the previous release if none was activated yet, or if the active one
        cannot read.

        Raises:
            ModelUnusable: there is no such release, `active.json` is damaged, or it cannot be written.
        """
        with self._changing():
            found, now = self._found(ident).ident, self._pointer()
            if found != now.active:
                others = [ident for ident in (before, now.active) if ident not in (None, found)]
                self._point(Pointer(active=found, previous=others[0] if others else None))
        return found

    def rollback(self) -> str:
        """Activates the release before the active one, and returns it; a second rollback does not go forward again.

        Raises:
            ModelUnusable: there is no previous release, it was removed, `active.json` is damaged, or it cannot be written.
        """
        with self._changing():
            before = self.goes_back_to()
            self._found(before)
            self._point(Pointer(active=before))
        return before

    def install(self, path: Path, keys: Keys, *, unsigned: bool = False) -> str:
        """Installs a bundle or a release folder and returns its ident; a release that is installed already stays unchanged.

        With `unsigned` a folder, or a bundle without a trusted signature, is accepted too.

        Raises:
            ModelUnusable: it is not whole, not signed, or differs from a release with the same ident; then nothing is stored.
        """
        with self._changing():
            self._clear()
            made = Path(tempfile.mkdtemp(UNFINISHED, ".", self.folder))
            try:
                ident = gather(path, made, keys, unsigned=unsigned)
                if not self._is_installed(ident, made):
                    self._place(made, self.folder / ident)
            finally:
                self._clear()
        return ident

    def _folders(self) -> list[Path]:
        try:
            return sorted(self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ModelUnusable(f"{self.folder} cannot be read ({error.strerror})", AS_ITS_USER) from error

    def _found(self, ident: str) -> Shelved:
        releases = list(self.names())
        exact = [each for each in releases if each.ident == ident]
        if exact:
            return exact[0]
        versions = [(parts.precedence, each) for each in releases if (parts := Ident.parse(each.ident)) and parts.name == ident]
        if versions:
            return max(versions, key=lambda version: version[0])[1]
        raise ModelUnusable(f"there is no release {ident!r}", f"Name one of: {', '.join(each.ident for each in releases)}")

    def _examined(self, each: Shelved) -> Shelved:
        try:
            release = ModelRelease.load(each.folder)
            release.verify()
            signer = signer_of(each.folder, self._keys)
        except ModelUnusable as error:
            return replace(each, problem=str(error))
        if release.ident != each.ident:
            return replace(each, problem=f"{each.folder} holds {release.ident}. Install it with sonoedge model install.")
        return replace(each, signed_by=signer)

    def _is_installed(self, ident: str, made: Path) -> bool:
        """True if exactly this release is installed and whole; a damaged one may be installed again."""
        manifest, signature = (made / MANIFEST).read_bytes(), made / SIGNATURE
        for installed in (self._examined(each) for each in self.names() if each.ident == ident):
            if installed.problem:
                continue
            if (installed.folder / MANIFEST).read_bytes() != manifest:
                raise ModelUnusable(f"another {ident} is installed already ({installed.folder})", "Give the new one another version")
            if signature.exists() and not installed.built_in:
                replace_file(installed.folder / SIGNATURE, signature.read_bytes())
            return True
        return False

    def _place(self, made: Path, target: Path) -> None:
        made.chmod(0o755)
        if target.exists():
            target.rename(self.folder / f".{target.name}{UNFINISHED}")
        place_folder(made, target)

    def _clear(self) -> None:
        """Removes unfinished folders of a power cut or of a refused release."""
        for folder in self.folder.glob(f".*{UNFINISHED}"):
            shutil.rmtree(folder)

    def _pointer(self) -> Pointer:
        path = self.folder / POINTER
        try:
            return Pointer.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Pointer()
        except OSError as error:
            raise ModelUnusable(f"{path} cannot be read ({error.strerror})", AS_ITS_USER) from error
        except ValidationError as error:
            raise ModelUnusable(
                f"{path} is damaged, so the active release is unknown",
                "Move that file away, then choose with sonoedge model activate",
            ) from error

    def _point(self, pointer: Pointer) -> None:
        replace_file(self.folder / POINTER, pointer.model_dump_json(indent=1).encode() + b"\n")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            make_folder(self.folder)
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise ModelUnusable(
                f"{error.filename or self.folder} cannot be written ({error.strerror})",
                "Make room, or give this user the right to write it",
            ) from error


def family(folder: Path) -> tuple[Path, ...]:
    """The releases in a folder, or the folder itself if it is a release."""
    return (folder,) if (folder / MANIFEST).exists() else tuple(sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")))


def _ident(folder: Path) -> str:
    """The ident in the manifest; the folder's name if the manifest cannot be read."""
    try:
        manifest = parse(folder / MANIFEST, Manifest)
    except ModelUnusable:
        return folder.name
    return f"{manifest.name}-{manifest.version}"
