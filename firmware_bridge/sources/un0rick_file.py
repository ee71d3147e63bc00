"""Archives of the un0rick, an open pulser-receiver for one element: .npz of un0usb, .json and .csv of its SPI dumps.

In a dump each sample of ten bits takes two bytes: the first has its highest bit set and carries bits 9 to 7, the second has it clear and
carries bits 6 to 0; bytes without a partner are skipped. 512 means no echo. Bits 6 and 5 of the first byte count the lines, so they
change at the end of a line. The bytes after the last whole line are a line that was cut short, or old content of the board's memory.
Bits 4 and 3 are external markers. The archive becomes one image, with its lines side by side.
"""

import json
import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey, Shape
from firmware_bridge.machine import Machine
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.envelope import of_rf
from firmware_bridge.scan.sound import depth_mm
from firmware_bridge.sources.recorded import Lose, Picture, Recording

MACHINE = Machine(model="un0rick")
FILE_LIMIT, ARRAY_LIMIT = 64 * 1024 * 1024, 128 * 1024 * 1024
"""The largest archive, and the largest announced size of one array in it, in bytes."""
SAMPLES, LINES_LIMIT = (16, 65536), 1024
DYNAMIC_RANGE_DB, FULL_SCALE = 60.0, 512.0
SAMPLES_A_ROW = 16
RATE_MHZ = 64.0
SNIFF_BYTES = 4096

DAMAGED = (
    *(ValueError, KeyError, TypeError, OSError, EOFError, OverflowError, RecursionError, NotImplementedError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, SyntaxError, tokenize.TokenError, MemoryError),
)
"""The errors that json, zipfile and numpy raise on damaged bytes."""

Lines = NDArray[np.float32]


class Un0rickUnreadable(SourceUnreadable):
    """Not an archive of an un0rick, or a damaged archive."""


def is_un0rick(path: Path) -> bool:
    """True for an archive of an un0rick, from its first bytes; false for other .json, .csv and .npz files."""
    suffix = path.suffix.lower()
    if suffix not in READERS:
        return False
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    if suffix == ".npz":
        return _npz_names(path) >= {"signal.npy", "nblines.npy"}
    if suffix == ".json":
        return head.lstrip()[:1] == b"{" and b"firmware_md5" in head + _tail(path)
    lines = head.split(b"\n")[:-1]
    return len(lines) > 8 and all(_is_byte(line) for line in lines)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - SNIFF_BYTES))
        return file.read(SNIFF_BYTES)


def _is_byte(line: bytes) -> bool:
    try:
        value = float(line)
    except ValueError:
        return False
    return 0 <= value <= 255 and value == int(value)


def _npz_names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except DAMAGED:
        return set()


def open_un0rick(path: Path) -> Recording:
    """Opens an archive.

    Raises:
        Un0rickUnreadable: too large, damaged, or without samples.
    """
    if path.stat().st_size > FILE_LIMIT:
        raise _fail(path, f"{path.stat().st_size} bytes are too many for an archive")
    try:
        lines, rate_mhz, cut = READERS[path.suffix.lower()](path)
    except Un0rickUnreadable:
        raise
    except DAMAGED as error:
        raise _fail(path, f"the archive is damaged ({error})") from error
    count, samples = lines.shape
    if not (1 <= count <= LINES_LIMIT and SAMPLES[0] <= samples <= SAMPLES[1]) or not (math.isfinite(rate_mhz) and rate_mhz > 0):
        raise _fail(path, f"{count} lines of {samples} samples at {rate_mhz} MHz are not an acquisition")
    settings = AcquisitionSettings(depth_mm=depth_mm(samples, rate_mhz))
    return Recording(lambda lose: _pictures(lines, cut, lose), 1, Geometry(Shape.LINEAR), settings, MACHINE.scanner, machine=MACHINE)


def _fail(path: Path, why: str) -> Un0rickUnreadable:
    return Un0rickUnreadable(f"{path}: {why}", "Copy the archive again")


def unpack(data: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The samples of a dump, -512 to 511: each byte with its highest bit set is joined with the next byte if that has it clear."""
    at = _starts(data)
    high, low = data[at].astype(np.int16) & 7, data[at + 1].astype(np.int16)
    return np.asarray((high << 7 | low) - 512, np.int16)


def _starts(data: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.flatnonzero((data[:-1] >= 128) & (data[1:] < 128))


def _read_npz(path: Path) -> tuple[Lines, float, int]:
    _check_npz(path)
    with np.load(path, allow_pickle=False) as arrays:
        signal, times = np.atleast_2d(arrays["signal"]), arrays["t"] if "t" in arrays else np.empty(0)
    if signal.ndim != 2 or not np.issubdtype(signal.dtype, np.number) or signal.size * signal.dtype.itemsize > ARRAY_LIMIT:
        raise _fail(path, f"a signal of {signal.dtype} {signal.shape} is not valid")
    step_us = float(times[1] - times[0]) if times.ndim == 1 and len(times) > 1 else 1 / RATE_MHZ
    whole = np.nan_to_num(np.real(signal).astype(np.float64), posinf=0.0, neginf=0.0)
    return np.asarray(np.clip(whole, -1, 1) * FULL_SCALE, np.float32), 1 / step_us if step_us > 0 else math.nan, 0


def _check_npz(path: Path) -> None:
    """Checks announced sizes before unpacking: numpy reserves the announced memory, even if the file holds less."""
    with zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            if item.file_size > ARRAY_LIMIT:
                raise _fail(path, f"{item.filename} announces {item.file_size} bytes")
        for name in {"signal.npy", "t.npy"} & set(archive.namelist()):
            with archive.open(name) as file:
                version = np.lib.format.read_magic(file)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, kind = read(file)
            if math.prod(shape) * kind.itemsize > archive.getinfo(name).file_size:
                raise _fail(path, f"{name} announces {' x '.join(map(str, shape))} numbers, more than the file holds")


def _read_json(path: Path) -> tuple[Lines, float, int]:
    content = json.loads(path.read_text())
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise _fail(path, "it holds no list of data")
    timings = content.get("timings")
    known: Mapping[str, object] = timings if isinstance(timings, dict) else {}
    count, rate = known.get("NLines", 1), known.get("Fech", RATE_MHZ)
    if not isinstance(count, int) or not isinstance(rate, (int, float)) or not 1 <= count <= LINES_LIMIT:
        raise _fail(path, f"{count!r} lines at {rate!r} MHz are not valid")
    lines, cut = _lines(path, np.asarray(content["data"], np.float64), count)
    return lines, float(rate), cut


def _read_csv(path: Path) -> tuple[Lines, float, int]:
    rate = 32.0 if "32msps" in path.name.lower() else RATE_MHZ
    lines, cut = _lines(path, np.asarray([float(line) for line in path.read_text().split()], np.float64), 1)
    return lines, rate, cut


def _lines(path: Path, data: NDArray[np.float64], count: int) -> tuple[Lines, int]:
    """The lines, with the length of the shortest whole line, and the number that were cut short; `count` lines if the dump counts none."""
    if data.ndim != 1 or len(data) < 2 or not ((data >= 0) & (data <= 255) & (data == np.floor(data))).all():
        raise _fail(path, "its data are not bytes")
    dump = data.astype(np.uint8)
    samples, counters = unpack(dump).astype(np.float32), dump[_starts(dump)] >> 5
    runs = np.split(samples, np.flatnonzero(np.diff(counters)) + 1)
    longest = max(map(len, runs))
    whole = [run for run in runs if 2 * len(run) >= longest]
    if len(whole) == 1:
        each = len(whole[0]) // count
        whole = list(whole[0][: each * count].reshape(count, each))
    cut = sum(SAMPLES[0] <= len(run) < longest / 2 for run in runs)
    each = min(map(len, whole))
    return np.stack([line[:each] for line in whole]), cut


CUT_SHORT = "line-cut-short"
READERS: Mapping[str, Callable[[Path], tuple[Lines, float, int]]] = {".npz": _read_npz, ".json": _read_json, ".csv": _read_csv}


def _pictures(lines: Lines, cut: int, lose: Lose) -> Generator[Picture, None, None]:
    if cut:
        lose(CUT_SHORT, cut)
    yield Picture(grey_of(lines), 0)


def grey_of(lines: Lines) -> Grey:
    """(rows, lines): each row is the strongest of sixteen samples of the envelope."""
    strength = of_rf(lines)
    rows = lines.shape[1] // SAMPLES_A_ROW
    strongest = strength[:, : rows * SAMPLES_A_ROW].reshape(len(lines), rows, SAMPLES_A_ROW).max(axis=2)
    return np.ascontiguousarray(to_grey(strongest, DYNAMIC_RANGE_DB, FULL_SCALE).T)
