"""Raw files of Clarius scanners: `clarius-raw:///exam_env.raw`, or a .tar that holds one; the .tar is not unpacked to disk.

A file has five numbers (id, frames, lines, samples per line, bytes per sample; 32 bits, little-endian), then for each frame its time in
nanoseconds (64 bits) and its lines. The name of the sidecar or the file states the kind of samples: `_env` is the envelope in 8 bits,
`_iq` pairs of 16 bits, `_rf` 16 bits. The file does not state the layout of the lines, so they are shown side by side, near at the top.
Depth, focus and frequency are in the .yml of the same name, if there is one.
"""

import re
import struct
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey, Shape
from firmware_bridge.machine import Machine
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.envelope import of_iq, of_rf
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording
from firmware_bridge.sources.url import SourceUrl

_HEAD, _TIME = struct.Struct("<5I"), struct.Struct("<Q")
SIDE_LIMIT, FRAME_LIMIT, FRAMES_LIMIT, MEMBERS_LIMIT = 65536, 64 * 1024 * 1024, 1_000_000, 1000
DYNAMIC_RANGE_DB = 60.0
KINDS = {"env": 1, "rf": 2, "iq": 4}
"""Part of the file's name -> bytes per sample."""
SIDECAR_LIMIT = 1024 * 1024
"""A .yml also lists the elements of each line."""
SETTING = re.compile(rb"^(imaging depth|focal depth|transmit frequency): *(\d{1,6}(?:\.\d{1,6})?) *(mm|MHz)\r?$", re.MULTILINE)
LONGEST_STEP_US = 10_000_000
"""A frame whose time is before that of the previous frame, or later than this after it, has no usable time."""


class ClariusUnreadable(SourceUnreadable):
    """Not raw data of a Clarius scanner, or the header announces more than the file holds."""


@dataclass(frozen=True, slots=True)
class Head:
    frames: int
    lines: int
    samples: int
    sample_bytes: int

    @property
    def frame_bytes(self) -> int:
        return self.lines * self.samples * self.sample_bytes


def open_clarius(url: SourceUrl) -> Source:
    """Opens `clarius-raw:///path?pace=1&loop=1`.

    Raises:
        SourceUnknown, SourceAbsent, SourceDenied, ClariusUnreadable.
    """
    from firmware_bridge.sources.file import open_recording  # noqa: PLC0415 - that module imports is_raw

    return open_recording(url, open_raw)


def is_raw(path: Path) -> bool:
    """True for a .raw whose header agrees with its size; a .raw of a MetaImage does not."""
    if path.suffix.lower() != ".raw":
        return False
    with path.open("rb") as file:
        size = path.stat().st_size
        try:
            head = _head(path, file, size)
        except ClariusUnreadable:
            return False
    return size == _HEAD.size + head.frames * (_TIME.size + head.frame_bytes)


def open_raw(path: Path) -> Recording:
    """Opens a .raw, or a .tar with one raw file in it.

    Raises:
        ClariusUnreadable: see the class.
    """
    with _opened(path) as (file, size, name):
        head = _head(path, file, size)
    kind = _kind(path, name, head)
    settings = _settings(_sidecar(path, name))
    machine = Machine(maker="Clarius")
    pictures = partial(_pictures, path, head, kind)
    return Recording(pictures, head.frames, Geometry(Shape.LINEAR), settings, machine.scanner, machine=machine)


def _fail(path: Path, why: str, fix: str = "Export the raw data again") -> ClariusUnreadable:
    return ClariusUnreadable(f"{path}: {why}", fix)


@contextmanager
def _opened(path: Path) -> Generator[tuple[IO[bytes], int, str], None, None]:
    """The raw bytes, their number, and their name."""
    if path.suffix == ".lzo" or path.name.endswith(".lzo"):
        raise _fail(path, "it is compressed with LZO", f"Run: lzop -d {path.name}")
    if path.suffix.lower() != ".tar":
        with path.open("rb") as file:
            yield file, path.stat().st_size, path.name
        return
    with _archive(path) as archive:
        member = _member(path, archive)
        inside = archive.extractfile(member)
        if inside is None:
            raise _fail(path, f"{member.name} in it is not a file")
        with inside:
            yield inside, member.size, member.name


@contextmanager
def _archive(path: Path) -> Generator[tarfile.TarFile, None, None]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise _fail(path, f"the archive is damaged ({error})") from error


def _member(path: Path, archive: tarfile.TarFile) -> tarfile.TarInfo:
    """The envelope, else IQ, else RF. Links, devices and names that lead outside the archive are refused."""
    members = []
    for member in archive:
        if member.name.startswith("/") or ".." in Path(member.name).parts or not (member.isfile() or member.isdir()) or member.issparse():
            raise _fail(path, f"the name {member.name!r} in it leads outside the archive", "Do not trust this archive; export it again")
        members.append(member)
        if len(members) > MEMBERS_LIMIT:
            raise _fail(path, "it holds more files than any export")
    raw = sorted((m for m in members if m.name.endswith(".raw")), key=lambda m: ("env" not in m.name, "iq" not in m.name, m.name))
    if not raw:
        packed = any(member.name.endswith(".lzo") for member in members)
        fix = f"Unpack it and run lzop -d on the .lzo files: tar -xf {path.name}" if packed else "Name an archive with Clarius raw data"
        raise _fail(path, "no .raw file in it" + (", only compressed ones (.lzo)" if packed else ""), fix)
    return raw[0]


def _sidecar(path: Path, name: str) -> bytes:
    """The .yml of the raw file, from the same folder or archive; empty if there is none."""
    wanted = str(Path(name).with_suffix(".yml"))
    if path.suffix.lower() != ".tar":
        sidecar = path.with_name(wanted)
        if not sidecar.is_file():
            return b""
        with sidecar.open("rb") as file:
            return file.read(SIDECAR_LIMIT)
    with _archive(path) as archive:
        members = [member for member in archive if member.name == wanted and member.isfile()]
        inside = archive.extractfile(members[0]) if members else None
        return inside.read(SIDECAR_LIMIT) if inside else b""


def _settings(text: bytes) -> AcquisitionSettings:
    numbers = {key: float(number) for key, number, unit in SETTING.findall(text) if (unit == b"MHz") == (key == b"transmit frequency")}
    depth, focus, frequency = (numbers.get(key) or None for key in (b"imaging depth", b"focal depth", b"transmit frequency"))
    return AcquisitionSettings(depth_mm=depth, focus_mm=focus, frequency_mhz=frequency)


def _head(path: Path, file: IO[bytes], size: int) -> Head:
    data = file.read(_HEAD.size)
    if len(data) < _HEAD.size:
        raise _fail(path, f"cut off: {len(data)} bytes are too few for a header")
    _, frames, lines, samples, sample_bytes = _HEAD.unpack(data)
    head = Head(frames, lines, samples, sample_bytes)
    fits = 2 <= lines <= SIDE_LIMIT and 2 <= samples <= SIDE_LIMIT and 1 <= frames <= FRAMES_LIMIT and head.frame_bytes <= FRAME_LIMIT
    if not fits or sample_bytes not in KINDS.values():
        raise _fail(
            path, f"it announces {frames} frames of {lines} lines of {samples} samples of {sample_bytes} bytes, which is not valid raw data"
        )
    if size < _HEAD.size + _TIME.size + head.frame_bytes:
        raise _fail(path, f"cut off: {size} bytes do not hold one of its {frames} frames")
    return head


def _kind(path: Path, name: str, head: Head) -> str:
    """The kind from the name if it states one, else from the size of a sample; both must agree."""
    stem = Path(name).stem.lower()
    named = [kind for kind in KINDS if stem.endswith(f"_{kind}") or stem == kind]
    kind = named[0] if named else next(kind for kind, size in KINDS.items() if size == head.sample_bytes)
    if KINDS[kind] != head.sample_bytes:
        raise _fail(path, f"{name} should have {KINDS[kind]} bytes per sample, but announces {head.sample_bytes}")
    return kind


def _pictures(path: Path, head: Head, kind: str, lose: Lose) -> Generator[Picture, None, None]:
    with _opened(path) as (file, _, _):
        file.read(_HEAD.size)
        at_us, before_us = 0, None
        for number in range(head.frames):
            data = file.read(_TIME.size + head.frame_bytes)
            if len(data) < _TIME.size + head.frame_bytes:
                lose("missing", head.frames - number)
                return
            now_us = _TIME.unpack_from(data)[0] // 1000
            step_us = UNTIMED_US if before_us is None or not 0 < now_us - before_us < LONGEST_STEP_US else now_us - before_us
            at_us += step_us if number else 0
            before_us = now_us
            yield Picture(_grey(memoryview(data)[_TIME.size :], head, kind), at_us, step_us)


def _grey(data: memoryview, head: Head, kind: str) -> Grey:
    """(samples, lines): the envelope unchanged; RF and IQ compressed from the strongest echo of the frame down."""
    if kind == "env":
        return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(head.lines, head.samples).T)
    samples = np.frombuffer(data, "<i2").reshape(head.lines, -1).astype(np.float32)
    strength = of_iq(samples) if kind == "iq" else of_rf(samples)
    return np.ascontiguousarray(to_grey(strength, DYNAMIC_RANGE_DB, max(1.0, float(strength.max()))).T)
