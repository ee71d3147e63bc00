"""The wipe, in steps that can all be repeated: once its marker is on the disk it goes on at each start until nothing is left.

    marker -> keys overwritten and removed -> everything else removed -> certificate on the board -> its copies -> marker removed

The certificate is signed before the key is destroyed and handed out at the end only: its holder knows that the wipe was complete.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from edge.disk.layout import DataFolder
from provisioning.boot.files import UNFINISHED, remove_tree, replace
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import KEY, Device
from provisioning.identity.device_id import read_id
from provisioning.identity.https import AUTHORITY, LEAF
from provisioning.identity.statement import Statement, signed, verified
from provisioning.wipe.files import WipeFiles

MARKER, CERTIFICATE = "wipe.json", "erased.json"
"""In the data folder: a wipe that goes on, and the certificate of one that is complete."""
STAYS = frozenset({MARKER, MARKER + UNFINISHED, CERTIFICATE, CERTIFICATE + UNFINISHED, "lost+found"})
"""What the wipe itself writes, and the folder of the file system."""
METHOD = (
    "The keys were overwritten once and removed, then every file of the data folder was removed. "
    "Flash storage can hold remains of removed files until it uses their blocks again"
)


class EraseCertificate(Statement):
    """What was erased: `files` and `bytes` are those of the data folder when the wipe began."""

    kind: Literal["erase"] = "erase"
    folder: str
    begun_at: AwareDatetime
    files: int
    bytes: int
    method: str = METHOD


@dataclass(frozen=True, slots=True)
class Wiped:
    """A complete wipe: `content` is the signed certificate; `unwritten` are the places that did not take a copy of it."""

    certificate: EraseCertificate
    content: bytes
    unwritten: tuple[Path, ...]


class _Marker(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: str
    copies: tuple[Path, ...]


def wipe(files: WipeFiles, data: DataFolder, device: Device, typed: str, at: datetime, *, copies: Sequence[Path] = ()) -> Wiped:
    """Erases the data folder of a device that nothing uses any more. `typed` is the id as a person typed it; `at` has a time zone.

    `copies` are files outside the data folder, such as one on a stick; a place that refuses its copy stops nothing.

    Raises:
        ProvisionRefused: E-ID, `typed` is not the id of this device: nothing was changed; E-WIPE, the disk refuses a step.
    """
    if read_id(typed) != device.id:
        raise ProvisionRefused("E-ID", f"{typed!r} is not the id of this device")
    try:
        sizes = [size for path in _content(files, data) for size in _sizes(files, path)]
        certificate = EraseCertificate(
            device=device.id, folder=str(data.root), begun_at=at.astimezone(timezone.utc), files=len(sizes), bytes=sum(sizes)
        )
        marker = _Marker(certificate=signed(device, certificate).decode(), copies=tuple(copies))
        replace(files, data.root / MARKER, marker.model_dump_json().encode())
        return _finished(files, data, marker)
    except OSError as error:
        raise _stopped(error) from error


def resume_wipe(files: WipeFiles, data: DataFolder) -> Wiped | None:
    """Goes on with a wipe that was interrupted; None where none was begun. The program calls it at each start, before anything else.

    Raises:
        ProvisionRefused: E-WIPE, the disk refuses a step, or the marker is damaged; E-STATEMENT, its certificate is.
    """
    path = data.root / MARKER
    try:
        if not files.exists(path):
            return None
        return _finished(files, data, _Marker.model_validate_json(files.read(path)))
    except ValidationError as error:
        raise ProvisionRefused("E-WIPE", f"{path} is damaged", f"Remove {path}, then wipe the device again") from error
    except OSError as error:
        raise _stopped(error) from error


def _finished(files: WipeFiles, data: DataFolder, marker: _Marker) -> Wiped:
    content = marker.certificate.encode()
    certificate = verified(content, EraseCertificate)
    for key in secrets_of(data):
        _destroy(files, key)
    for path in _content(files, data):
        remove_tree(files, path)
    files.sync(data.root)
    replace(files, data.root / CERTIFICATE, content)
    unwritten = tuple(copy for copy in marker.copies if not _copied(files, copy, content))
    files.remove(data.root / MARKER)
    files.sync(data.root)
    return Wiped(certificate, content, unwritten)


def secrets_of(data: DataFolder) -> tuple[Path, ...]:
    """The files that hold a key or protect one: without them, what a flash storage still holds proves and opens nothing."""
    return (*(data.identity / name for name in (KEY, AUTHORITY, LEAF)), data.audit_key, data.pseudonym_key)


def _destroy(files: WipeFiles, path: Path) -> None:
    if files.exists(path):
        files.overwrite(path)
        files.remove(path)
        files.sync(path.parent)


def _content(files: WipeFiles, data: DataFolder) -> list[Path]:
    """What a wipe removes."""
    return [data.root / name for name in files.names(data.root) if name not in STAYS]


def _sizes(files: WipeFiles, path: Path) -> Iterator[int]:
    """The bytes of each file at or below a path."""
    if not files.is_folder(path):
        yield files.size(path)
        return
    for name in files.names(path):
        yield from _sizes(files, path / name)


def _copied(files: WipeFiles, path: Path, content: bytes) -> bool:
    try:
        replace(files, path, content)
    except OSError:
        return False
    return True


def _stopped(error: OSError) -> ProvisionRefused:
    return ProvisionRefused("E-WIPE", f"{error.filename or 'The disk'} cannot be erased ({error.strerror})")
