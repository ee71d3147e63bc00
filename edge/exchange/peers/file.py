"""`hospital.yaml` in the data folder: the peers of this board's hospital. Without the file there is none."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge.disk.layout import DataFolder
from edge.disk.plain_file import NotPlain, read_plain
from edge.disk.structured import LARGEST, load_yaml
from edge.exchange.peers.hospital import Admissions, DicomPeer, FhirPeer, Hl7Peer, Hospital, Peer
from edge.exchange.peers.outcome import shown
from edge.exchange.peers.tls import Tls
from firmware_bridge.errors import Damaged

FIX = "Correct it; docs/hospital.md lists every key"
KINDS = ("dicom", "fhir", "hl7")
KEYS = sorted({key for model in (Hospital, Admissions, DicomPeer, FhirPeer, Hl7Peer, Tls) for key in model.model_fields})
Place = Sequence[int | str]


class HospitalInvalid(Damaged):
    """The hospital's file cannot be used."""

    code = "hospital-invalid"


def load_hospital(data_dir: Path) -> Hospital:
    """The hospital of a data folder, with no peers where it has no file.

    Raises:
        HospitalInvalid: the file cannot be read, has an unknown key or a value that is not valid, or names a file that is not there.
    """
    path = DataFolder(data_dir).hospital
    if not path.exists():
        return Hospital()
    content, values = _read(path)
    try:
        found = Hospital.model_validate(values)
    except ValidationError as error:
        raise _refused(path, content, error.errors(include_url=False)) from error
    peers = tuple(_beside(peer, data_dir) for peer in found.peers)
    listen_tls = None if found.listen_tls is None else found.listen_tls.in_folder(data_dir)
    _require_tls(path, content, ("listen_tls",), listen_tls)
    admissions = found.admissions and _beside_admissions(found.admissions, data_dir)
    _require_tls(path, content, ("admissions", "tls"), admissions.tls if admissions else None)
    for number, peer in enumerate(peers):
        _require_tls(path, content, ("peers", number, "tls"), peer.tls)
        if isinstance(peer, FhirPeer) and peer.authorization is not None:
            _require_file(path, content, ("peers", number, "authorization"), peer.authorization)
    return found.model_copy(update={"peers": peers, "listen_tls": listen_tls, "admissions": admissions})


def _read(path: Path) -> tuple[bytes, Mapping[str, object]]:
    try:
        content = read_plain(path, LARGEST, links=True)
        loaded = load_yaml(content, yaml.CSafeLoader)
    except NotPlain as error:
        raise HospitalInvalid(f"{path} is not a table of settings: {error}", FIX) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise HospitalInvalid(f"{path} cannot be read ({shown(str(error), 200)})", FIX) from error
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise HospitalInvalid(f"{path} is not a table of settings", FIX)
    return content, loaded


def _refused(path: Path, content: bytes, faults: list[ErrorDetails]) -> HospitalInvalid:
    fault = min(faults, key=lambda each: each["type"] != "extra_forbidden")
    place = [part for number, part in enumerate(fault["loc"]) if not (part in KINDS and number == 2)]
    unknown = fault["type"] == "extra_forbidden"
    what = "no such key" if unknown else _reason(fault)
    close = get_close_matches(str(place[-1]), KEYS, n=1) if unknown else []
    return HospitalInvalid(_at(path, content, place) + what, f"Did you mean {close[0]}" if close else FIX)


def _reason(fault: ErrorDetails) -> str:
    text = fault["msg"].removeprefix("Value error, ")
    return shown(text[0].lower() + text[1:])


def _at(path: Path, content: bytes, place: Place) -> str:
    """`hospital.yaml, line 7: peers[0].ae_title: `."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return f"{path}, line {_line(content, place)}: " + (f"{words}: " if words else "")


def _line(content: bytes, place: Place) -> int:
    """Counted from 1: that of the key, or of the table in which it is missing."""
    node: yaml.Node | None = yaml.compose(content, yaml.CSafeLoader)
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pair = node.value[part], node.value[part]
        else:
            pair = None
        if pair is None:
            break
        line, node = pair[0].start_mark.line, pair[1]
    return line + 1


def _beside(peer: Peer, folder: Path) -> Peer:
    """A peer whose files begin in the data folder."""
    changed: dict[str, object] = {} if peer.tls is None else {"tls": peer.tls.in_folder(folder)}
    if isinstance(peer, FhirPeer) and peer.authorization is not None:
        changed["authorization"] = folder / peer.authorization
    return peer.model_copy(update=changed)


def _beside_admissions(admissions: Admissions, folder: Path) -> Admissions:
    return admissions.model_copy(update={"tls": admissions.tls and admissions.tls.in_folder(folder)})


def _require_tls(path: Path, content: bytes, place: Place, tls: Tls | None) -> None:
    if tls is None:
        return
    for key, file in tls.files().items():
        _require_file(path, content, (*place, key), file)
    try:
        tls.context()
    except OSError as error:
        files = ", ".join(map(str, tls.files().values()))
        what = f"{files} cannot be used for TLS ({shown(str(error))})"
        fix = "Write PEM files there: the authority's certificate, and a certificate with its key without a passphrase"
        raise HospitalInvalid(_at(path, content, place) + what, fix) from error


def _require_file(path: Path, content: bytes, place: Place, file: Path) -> None:
    if not file.is_file():
        raise HospitalInvalid(_at(path, content, place) + f"there is no file {file}", "Copy it there, or correct the path")
