"""The shelf: the releases that an appliance has, and which of them is active, so that a hospital can install its own and go back.

`models` of `data_dir` holds a folder for each installed release and `active.json`. A release is made whole under a name that begins
with a dot and then renamed, so that a power cut leaves none half installed.
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
from edge.disk.signing import SIGNATURE, Keys, Signature
from edge.inference.errors import ModelUnusable
from edge.inference.gather import gather
from edge.inference.ident import Ident
from edge.inference.release import BUILT_IN, MANIFEST, ModelRelease
from edge.inference.release_files import Manifest, parse

POINTER = "active.json"
UNFINISHED = ".new"
AS_ITS_USER = "Run this as the user whom data_dir belongs to"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A release on the shelf.

    `signed_by` is the trusted key whose signature it was installed by; None: it came with the program, or nobody signed it. `problem` is
    why it cannot be used.
    """

    ident: str
    folder: Path
    built_in: bool
    signed_by: str | None = None
    problem: str | None = None


class Pointer(BaseModel):
    """`active.json`: which release reads, and which one read before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    active: str | None = None
    previous: str | None = None


class Shelf:
    """Safe to use from many threads and processes: one change at a time."""

    def __init__(self, folder: Path, built_in: Path = BUILT_IN) -> None:
        """`folder` need not be there yet; `built_in` is a family: a folder of releases."""
        self.folder = folder
        self.built_in = built_in

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """The shelf of an appliance."""
        return cls(DataFolder(data_dir).models)

    def names(self) -> Iterator[Shelved]:
        """Every release, installed ones first, by its ident alone: none of them is checked.

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
        return tuple(_examined(each) for each in self.names())

    def find(self, ident: str) -> Path:
        """The folder of "lung-m-0.3.0", or of the newest version of "lung-m".

        Raises:
            ModelUnusable: there is no such release; names those that there are.
        """
        return self._found(ident).folder

    def active(self) -> str | None:
        """What was activated last; None where the choice is left to the appliance.

        Raises:
            ModelUnusable: `active.json` is damaged.
        """
        return self._pointer().active

    def previous(self) -> str | None:
        """The release before the active one; None where there is none.

        Raises:
            ModelUnusable: `active.json` is damaged.
        """
        return self._pointer().previous

    def goes_back_to(self) -> str:
        """What `rollback` would go back to, for one who wants that.

        Raises:
            ModelUnusable: there is none before, or `active.json` is damaged.
        """
        before = self.previous()
        if before is None:
            raise ModelUnusable("there is no release to go back to", "Choose one of sonoedge model list with sonoedge model activate")
        return before

    def activate(self, ident: str, before: str | None = None) -> str:
        """Makes a release the active one and returns its whole ident; it survives a power cut once this returns.

        `before` is what read until now, to go back to where nothing was activated yet or what was cannot read.

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
        """Makes the release before the active one, and returns it; a second rollback does not go forward again.

        Raises:
            ModelUnusable: there is none before, it is gone, `active.json` is damaged, or it cannot be written.
        """
        with self._changing():
            before = self.goes_back_to()
            self._found(before)
            self._point(Pointer(active=before))
        return before

    def install(self, path: Path, keys: Keys, *, unsigned: bool = False) -> str:
        """Puts a bundle or a release folder on the shelf and returns its ident; one that is there already stays as it is.

        With `unsigned` a folder, or a bundle that no trusted key has signed, is accepted too.

        Raises:
            ModelUnusable: it is not whole, not signed, or differs from one of the same ident; nothing of it is stored.
        """
        with self._changing():
            self._clear()
            made = Path(tempfile.mkdtemp(UNFINISHED, ".", self.folder))
            try:
                ident = gather(path, made, keys, unsigned=unsigned)
                if not self._is_there(ident, made):
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
        there = list(self.names())
        exact = [each for each in there if each.ident == ident]
        if exact:
            return exact[0]
        versions = [(parts.precedence, each) for each in there if (parts := Ident.parse(each.ident)) and parts.name == ident]
        if versions:
            return max(versions, key=lambda version: version[0])[1]
        raise ModelUnusable(f"there is no release {ident!r}", f"Name one of: {', '.join(each.ident for each in there)}")

    def _is_there(self, ident: str, made: Path) -> bool:
        """Whether this very release is on the shelf, and whole; one that is damaged may be put there again."""
        manifest, signature = (made / MANIFEST).read_bytes(), made / SIGNATURE
        for there in (_examined(each) for each in self.names() if each.ident == ident):
            if there.problem:
                continue
            if (there.folder / MANIFEST).read_bytes() != manifest:
                raise ModelUnusable(f"another {ident} is there already ({there.folder})", "Give the new one another version")
            if signature.exists() and not there.built_in:
                replace_file(there.folder / SIGNATURE, signature.read_bytes())
            return True
        return False

    def _place(self, made: Path, target: Path) -> None:
        made.chmod(0o755)
        if target.exists():
            target.rename(self.folder / f".{target.name}{UNFINISHED}")
        place_folder(made, target)

    def _clear(self) -> None:
        """Removes what a power cut, or a release that was refused, left."""
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
                f"{path} is damaged, so that it is not known which release is active",
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
    """The releases in a folder, or the folder itself where it is one."""
    return (folder,) if (folder / MANIFEST).exists() else tuple(sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")))


def _ident(folder: Path) -> str:
    """By the manifest; the folder's name where that cannot be read."""
    try:
        manifest = parse(folder / MANIFEST, Manifest)
    except ModelUnusable:
        return folder.name
    return f"{manifest.name}-{manifest.version}"


def _examined(each: Shelved) -> Shelved:
    try:
        release = ModelRelease.load(each.folder)
        release.verify()
        signer = None if each.built_in else _signer(each.folder / SIGNATURE)
    except ModelUnusable as error:
        return replace(each, problem=str(error))
    if release.ident != each.ident:
        return replace(each, problem=f"{each.folder} holds {release.ident}. Install it with sonoedge model install.")
    return replace(each, signed_by=signer)


def _signer(path: Path) -> str | None:
    """Of an installed release: its signature was checked before it was stored."""
    try:
        return Signature.model_validate_json(path.read_bytes()).key
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ModelUnusable(f"{path} is damaged", "Install the bundle again") from error
