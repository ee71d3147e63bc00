"""The support bundle: a zip of what is named here and allowed to leave, with a manifest of what is in it and of what never is."""

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import rfc8785

from edge.disk.layout import DataFolder
from edge.settings import Settings
from provisioning.selftest.board import Board
from provisioning.selftest.checks.machine import model_of
from provisioning.selftest.report import Report
from provisioning.support.allowed import Fields, allowed, allowed_counts, allowed_settings, known_places

MANIFEST = "manifest.json"
ZIP_BEGIN = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same bytes."""
FILE_MODE = 0o644 << 16
MOST_LINES = 5000
"""The newest lines of the log."""
PACKAGES = ("sonoedge", "ai-edge-litert", "tflite-runtime", "numpy", "cryptography", "tuf", "pydantic", "sqlalchemy", "fastapi", "typst")
NEVER = (
    "names, ids, ages and comments of patients",
    "images, clips and recordings",
    "findings, reports and reviews",
    "names, badges and PINs of people",
    "keys, claim codes and certificates",
    "names of files, sites, computers and networks",
    "free text of the log, of errors and of checks",
)


Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | None


@dataclass(frozen=True, slots=True)
class Material:
    """What a bundle is made of; `history` are the events of the slots, `log` the program's log in lines of JSON, both oldest first."""

    device: str
    made_at: datetime
    board: Board
    settings: Settings
    selftest: Report | None = None
    history: Sequence[Mapping[str, object]] = ()
    log: Sequence[str] = ()
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    holds: str
    content: Json


def support_bundle(material: Material) -> bytes:
    """A zip; the same material gives the same bytes.

    Raises:
        OSError: the data folder cannot be read.
    """
    log = _kept(map(_line, material.log[-MOST_LINES:]), "event")
    history = _kept(material.history, "code")
    counts = allowed_counts(material.counts or {})
    parts = {
        "versions.json": _Part("versions of SonoEdge and of what it uses", dict(_versions())),
        "platform.json": _Part("the board and its system", _platform(material.board)),
        "settings.json": _Part("settings that name no person, place or network", allowed_settings(material.settings)),
        "sizes.json": _Part("files and bytes of each known part of the data folder", _sizes(material.settings.data)),
        "selftest.json": _Part("states and numbers of the last self-test", _selftest(material.selftest)),
        "history.json": _Part("steps of provisioning", history),
        "log.json": _Part("known events of the log", log),
        "counts.json": _Part("how many there are of each kind", counts),
    }
    left_out = {
        "lines of the log": len(material.log) - len(log),
        "lines of the history": len(material.history) - len(history),
        "counts": len(material.counts or {}) - len(counts),
    }
    contents = {name: rfc8785.dumps(part.content) for name, part in parts.items()}
    about = [
        {"name": name, "holds": parts[name].holds, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    ]
    made_at = material.made_at.astimezone(timezone.utc).isoformat()
    manifest = {"device": material.device, "made_at": made_at, "files": about, "left_out": left_out, "never": NEVER}
    return _zipped({MANIFEST: json.dumps(manifest, indent=1).encode(), **contents})


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in contents.items():
            about = ZipInfo(name, ZIP_BEGIN)
            about.compress_type, about.external_attr, about.create_system = ZIP_DEFLATED, FILE_MODE, 3
            archive.writestr(about, content)
    return made.getvalue()


def _line(text: str) -> Mapping[str, object]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _kept(lines: Iterable[Mapping[str, object]], needed: str) -> list[Fields]:
    """Of the lines that name a known event or code, what is allowed to leave."""
    return [fields for line in lines if needed in (fields := allowed(line))]


def _versions() -> Iterator[tuple[str, Json]]:
    for package in PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue


def _platform(board: Board) -> dict[str, Json]:
    return {
        "board": model_of(board),
        "machine": platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def _sizes(data: DataFolder) -> dict[str, Json]:
    return {path.name: {"files": len(found), "bytes": sum(found)} for path in known_places(data) if (found := list(_bytes_of(path)))}


def _bytes_of(path: Path) -> Iterator[int]:
    if path.is_file():
        yield path.stat().st_size
    for folder, _, names in os.walk(path):
        yield from ((Path(folder) / name).lstat().st_size for name in names)


def _selftest(report: Report | None) -> Json:
    """Without the texts of the checks: they can name files and devices. The signed report is a file of its own."""
    if report is None:
        return None
    texts = {"results": {"__all__": {"detail", "next_step"}}}
    return report.model_dump(mode="json", exclude=texts)
