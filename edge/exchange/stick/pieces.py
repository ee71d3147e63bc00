"""Single files on a stick: each appears under its name only when it is complete, read back, and still on the same stick."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edge.disk.digest import digest_of
from edge.disk.durable import sync_folder
from edge.disk.mount import device_of
from edge.exchange.stick.content import Item
from edge.exchange.stick.errors import StickRefused, pulled
from edge.exchange.stick.forms import DIGEST, PART, SEALED, SealedFile, token
from edge.exchange.stick.sealed import seal


class RecordingLost(Exception):
    """A file of an exam, not its encrypted form, cannot be read."""


class Stick:
    """The disk at a folder. Once it is another disk, it takes nothing more: that folder is then an empty mount point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._device = device_of(folder)

    def require(self) -> None:
        """Raises StickRefused: the stick was pulled out."""
        self._require(device_of(self.folder))

    def make_folder(self, folder: Path) -> None:
        """Makes a folder on the stick, where there is none.

        Raises:
            StickRefused, OSError: the stick was pulled out, or refuses it.
        """
        self.require()
        if not folder.exists():
            folder.mkdir()
            sync_folder(folder.parent)

    @contextmanager
    def new_file(self, path: Path) -> Iterator[BinaryIO]:
        """A new file on the stick, which is on the disk and out of the cache when the block ends."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
            self._require(os.fstat(file.fileno()).st_dev)
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def _require(self, device: int) -> None:
        if device != self._device:
            raise pulled(self.folder)


class Sealer:
    """Encrypts files for one receiver onto a stick."""

    def __init__(self, stick: Stick, recipient: str) -> None:
        self._stick, self._recipient = stick, recipient

    def seal(self, place: Path, item: Item, advance: Callable[[int], None] = lambda _: None) -> SealedFile:
        """The encrypted form of a file in the folder `place`. One that is complete there already is not written again.

        `advance` receives the bytes of the file that were done.

        Raises:
            RecordingLost: the file itself cannot be read.
            StickRefused, OSError: the stick refuses it; nothing unfinished stays.
        """
        begin = token(item.name, item.sha256)
        there = next((path for path in sorted(place.glob(f"{begin}-*{SEALED}")) if _is_whole(path)), None)
        try:
            file = item.open()
        except OSError as error:
            raise RecordingLost(error.strerror or str(error)) from error
        with file:
            if there is None:
                return self._written(place, item.name, _Counted(file, advance))
            size = file.seek(0, os.SEEK_END)
            advance(size)
            return SealedFile(name=item.name, sealed=there.name, bytes=size, sha256=item.sha256)

    def _written(self, place: Path, name: str, source: "_Counted") -> SealedFile:
        part = place / f"{token(name)}{PART}"
        try:
            with self._stick.new_file(part) as file:
                into = _Hashed(file)
                seal(source, into, self._recipient)
            if digest_of(part) != (digest := into.digest.hexdigest()):
                what = f"The stick at {self._stick.folder} gives other bytes than were written to it"
                raise StickRefused(what, "Take another stick: this one loses data")
            sha256 = source.digest.hexdigest()
            sealed = f"{token(name, sha256)}-{digest[:DIGEST]}{SEALED}"
            part.rename(place / sealed)
            sync_folder(place)
        finally:
            part.unlink(missing_ok=True)
        return SealedFile(name=name, sealed=sealed, bytes=source.count, sha256=sha256)


def _is_whole(path: Path) -> bool:
    """Whether a file has the digest that its name states."""
    try:
        return digest_of(path)[:DIGEST] == path.stem.rpartition("-")[2]
    except OSError:
        return False


class _Counted:
    """A file of an exam: what was read of it."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self._file, self._advance = file, advance
        self.digest, self.count = hashlib.sha256(), 0

    def read(self, count: int) -> bytes:
        try:
            content = self._file.read(count)
        except OSError as error:
            raise RecordingLost(error.strerror or str(error)) from error
        self.digest.update(content)
        self.count += len(content)
        self._advance(len(content))
        return content


class _Hashed:
    """A file on the stick: what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)

    def flush(self) -> None:
        self._file.flush()
