"""Copies a release from elsewhere, a bundle or a folder, into a folder of ours: whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.disk.durable import sync_file, sync_folder
from edge.disk.plain_file import read_plain
from edge.disk.signing import Keys
from edge.inference.bundle import LIMITS, unpack
from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.release import MANIFEST, ModelRelease


def gather(path: Path, into: Path, keys: Keys, *, unsigned: bool) -> str:
    """Fills an empty folder with a whole release and returns its ident; the release is on the disk when this returns.

    Raises:
        ModelUnusable: the release at `path` is not whole, or not signed.
        OSError: `into` cannot be written.
    """
    with _named_as_given(path, into):
        if not path.is_dir():
            unpack(path, into, keys, unsigned=unsigned)
        elif unsigned:
            _copy(path, into)
        else:
            raise ModelUnusable(f"{path} is a folder without a signature", "Add --unsigned if you know its origin")
        release = ModelRelease.load(into)
        release.verify()
    for file in into.iterdir():
        sync_file(file)
    sync_folder(into)
    return release.ident


@contextmanager
def _named_as_given(path: Path, into: Path) -> Iterator[None]:
    """Errors name the path that a person gave, not the folder in which the release is made."""
    try:
        yield
    except ModelUnusable as error:
        raise ModelUnusable(error.what.replace(str(into), str(path)), error.fix) from error


def _copy(folder: Path, into: Path) -> None:
    for name in (MANIFEST, *ModelRelease.load(folder).files):
        try:
            content = read_plain(folder / name, LIMITS.bytes_each, links=True)
        except OSError as error:
            raise ModelUnusable(f"{folder / name} cannot be read ({error.strerror})", COPY_AGAIN) from error
        (into / name).write_bytes(content)
