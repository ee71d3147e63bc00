"""Opens a bundle at the receiver's: verifies the board, decrypts each exam and compares every file, before an exam appears."""

import hashlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.disk.durable import replace_file, sync_file, sync_folder
from edge.disk.plain_file import inside, open_plain, read_plain
from edge.exam.export import DIGESTS
from edge.exchange.stick.errors import BundleRefused
from edge.exchange.stick.forms import MOST_MANIFEST, MOST_STATEMENT, STATEMENT, Entry, Manifest, SealedFile, Statement
from edge.exchange.stick.sealed import SealedUnusable, recipient_of, unseal
from edge.exchange.stick.signed import verified

COPY = "Copy it again from the stick, or have the board write it again"
ELSEWHERE = "Name another folder, or move this one: nothing is overwritten"

IdOf = Callable[[Ed25519PublicKey], str]
"""The id that the label of a board with this key shows."""
Progress = Callable[[int, int], None]
"""Receives how many exams are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Key:
    """The receiver's secret age key, and the board whose bundle it is, by the id on its label; `id_of` computes that id from a key."""

    secret: str
    board: str
    id_of: IdOf


@dataclass(frozen=True, slots=True)
class Opened:
    """The exams by their folders: those written now, and those that were there. `missing` is what the board stated to lack, by folder.

    `refused` are the exams that cannot be opened, by their folder in the bundle, each with the reason. `wanted` exams should be there.
    """

    statement: Statement
    written: tuple[str, ...]
    there: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]
    refused: dict[str, str]


def bundle_in(folder: Path) -> Path:
    """The bundle that is `folder`, or the only one in it.

    Raises:
        BundleRefused: there is none, or more than one.
    """
    if (folder / STATEMENT).exists():
        return folder
    found = sorted(path.parent for path in folder.glob(f"sonoedge-*/{STATEMENT}"))
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(path.name for path in found)
        raise BundleRefused(f"{folder} holds more than one bundle: {named}", "Name the folder of one of them")
    raise BundleRefused(f"{folder} holds no bundle of exams", f"Name the folder with {STATEMENT}")


def open_bundle(bundle: Path, key: Key, into: Path, progress: Progress = lambda _, __: None) -> Opened:
    """Writes each exam of a bundle as a folder in `into`. One that is there already, with the same files, stays.

    Raises:
        BundleRefused: the bundle is damaged, of another board, or for another receiver.
        OSError: `into` cannot be written.
    """
    statement = _statement(bundle, key)
    written, there, missing, refused = list[str](), list[str](), dict[str, tuple[str, ...]](), dict[str, str]()
    for number, entry in enumerate(statement.exams, 1):
        try:
            manifest = _manifest(bundle, entry, statement, key.secret)
            (written if _opened(bundle, manifest, key.secret, into) else there).append(manifest.name)
            if manifest.missing:
                missing[manifest.name] = manifest.missing
        except (BundleRefused, SealedUnusable) as error:
            refused[entry.folder] = error.what
        progress(number, len(statement.exams))
    return Opened(statement, tuple(written), tuple(there), missing, refused)


def _statement(bundle: Path, key: Key) -> Statement:
    path = bundle / STATEMENT
    try:
        statement, signer = verified(read_plain(path, MOST_STATEMENT), Statement)
    except (OSError, ValueError) as error:
        raise BundleRefused(f"{path} cannot be read, is damaged, or was changed", COPY) from error
    signed_by = key.id_of(signer)
    if signed_by != statement.board or signed_by != key.board:
        fix = f"Compare the id with the label of the board. If the bundle has to be of {key.board}, do not use it"
        raise BundleRefused(f"{path} is signed by the board {signed_by}, and not by {key.board}", fix)
    if recipient_of(key.secret) != statement.recipient:
        raise BundleRefused(f"{bundle} is for {statement.receiver}, and this is another key", "Give the key for which it was written")
    return statement


def _manifest(bundle: Path, entry: Entry, statement: Statement, secret: str) -> Manifest:
    path = _file(bundle, entry.folder, entry.manifest)
    try:
        content = read_plain(path, MOST_MANIFEST)
    except OSError as error:
        raise BundleRefused(f"{path} cannot be read ({error.strerror or error})", COPY) from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise BundleRefused(f"{path} is damaged, or was changed", COPY)
    plain = io.BytesIO()
    unseal(io.BytesIO(content), _Checked(plain, MOST_MANIFEST), secret)
    try:
        manifest = Manifest.model_validate_json(plain.getvalue())
    except ValueError as error:
        raise BundleRefused(f"{path} is of another version of SonoEdge", "Update SonoEdge here") from error
    if (manifest.folder, manifest.recipient) != (entry.folder, statement.recipient):
        raise BundleRefused(f"{path} is of another exam, or for another receiver", COPY)
    return manifest


def _opened(bundle: Path, manifest: Manifest, secret: str, into: Path) -> bool:
    """Writes an exam. False: it is there already."""
    target, part = into / manifest.name, into / f".{manifest.name}.part"
    digests = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(manifest.files, key=lambda each: each.name)).encode()
    if target.exists():
        if not (target / DIGESTS).is_file() or read_plain(target / DIGESTS, MOST_MANIFEST) != digests:
            raise BundleRefused(f"{target} exists already, with other files", ELSEWHERE)
        return False
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        for file in manifest.files:
            _decrypt(_file(bundle, manifest.folder, file.sealed), file, secret, part)
        replace_file(part / DIGESTS, digests)
        for folder in {(part / file.name).parent for file in manifest.files}:
            sync_folder(folder)
        part.rename(target)
        sync_folder(into)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _decrypt(sealed: Path, file: SealedFile, secret: str, part: Path) -> None:
    path = part / file.name
    path.parent.mkdir(exist_ok=True)
    try:
        source = open_plain(sealed)
    except OSError as error:
        raise BundleRefused(f"{sealed} cannot be read ({error.strerror or error})", COPY) from error
    with source, path.open("xb") as target:
        plain = _Checked(target, file.bytes)
        try:
            unseal(_Readable(source, sealed), plain, secret)
        except SealedUnusable as error:
            raise BundleRefused(f"{sealed} {error.what}", COPY) from error
    if plain.digest.hexdigest() != file.sha256:
        raise BundleRefused(f"{sealed} holds another file than the board wrote", COPY)
    sync_file(path)


def _file(bundle: Path, folder: str, name: str) -> Path:
    path = inside(bundle, folder, name)
    if path is None:
        raise BundleRefused(f"{bundle / folder / name} is a link", COPY)
    return path


class _Readable:
    """A file on the stick: where the stick fails, the others can still be opened."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path

    def read(self, count: int) -> bytes:
        try:
            return self._file.read(count)
        except OSError as error:
            raise BundleRefused(f"{self._path} cannot be read ({error.strerror or error})", COPY) from error


class _Checked:
    """A file that takes no more bytes than were stated; their digest."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._left = file, most
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self._left -= len(content)
        if self._left < 0:
            raise BundleRefused("A file of the bundle is larger than stated", COPY)
        self.digest.update(content)
        self._file.write(content)

    def flush(self) -> None:
        self._file.flush()
