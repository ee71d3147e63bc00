"""One A-line as the pic0rick sends it: 64 bytes of header, little-endian, then the samples.

Only the payload has a checksum (CRC-32), so a header is accepted if its magic, version, type, sizes and rate are valid.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

MAGIC = b"P0RK"
VERSION = 1
SIZE = 64
SAMPLES_LIMIT = 65536
SAMPLE_RATE_HZ = 60_000_000
"""The sample rate of version 1. Another rate means a damaged header, and would silently stretch the image."""
A_LAW = 87.6
"""The A of ITU-T G.711's A-law."""

_HEADER = struct.Struct("<4sBBHIIIIQfffIIIII")


class Kind(IntEnum):
    """The kind of samples."""

    RAW = 1
    """Unsigned 16-bit samples of the converter."""
    ENVELOPE = 2
    """32-bit floats."""
    A_LAW = 3
    """Companded envelope, one byte for each sample."""


TYPES: Mapping[Kind, "np.dtype[np.generic]"] = {Kind.RAW: np.dtype("<u2"), Kind.ENVELOPE: np.dtype("<f4"), Kind.A_LAW: np.dtype("u1")}


class Flags(IntFlag):
    """Bits 8 to 15 are the number of a self-test's case. The bits that report drops stay set until the probe restarts."""

    SATURATED = 1
    PROCESSING_DROP = 2
    USB_DROP = 4
    SELF_TEST = 8
    PULSER_ARMED = 16


@dataclass(frozen=True, slots=True)
class Header:
    """`sequence` is counted at capture, so that a drop leaves a gap; `dropped_frames` counts from the probe's start on."""

    kind: Kind
    flags: Flags
    sequence: int
    samples: int
    sample_rate_hz: int
    payload_bytes: int
    time_us: int
    mean: float
    envelope_peak: float
    a_law_reference: float
    negative_ns: int
    damping_ns: int
    positive_ns: int
    dropped_frames: int
    payload_crc: int

    def pack(self) -> bytes:
        return _HEADER.pack(
            MAGIC, VERSION, self.kind, self.flags, self.sequence, self.samples, self.sample_rate_hz, self.payload_bytes, self.time_us,
            self.mean, self.envelope_peak, self.a_law_reference, self.negative_ns, self.damping_ns, self.positive_ns,
            self.dropped_frames, self.payload_crc,
        )  # fmt: skip

    @classmethod
    def unpack(cls, data: bytes, at: int = 0) -> "Header | None":
        """The header at offset `at` of `data`, which holds at least 64 bytes from there; None if it is not valid."""
        magic, version, number, flags, *rest = _HEADER.unpack_from(data, at)
        if magic != MAGIC or version != VERSION or number not in TYPES:
            return None
        kind = Kind(number)
        header = cls(kind, Flags(flags), *rest)
        whole = 0 < header.samples <= SAMPLES_LIMIT and header.payload_bytes == header.samples * TYPES[kind].itemsize
        return header if whole and header.sample_rate_hz == SAMPLE_RATE_HZ else None


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One A-line, with its `samples` as sent."""

    header: Header
    samples: "NDArray[np.generic]"

    @property
    def self_test(self) -> int | None:
        """The number of the self-test's case; None for an echo."""
        return self.header.flags >> 8 if Flags.SELF_TEST in self.header.flags else None

    @property
    def amplitude(self) -> NDArray[np.float32]:
        """The samples as numbers: raw samples without the offset of the converter, companded samples expanded."""
        match self.header.kind:
            case Kind.RAW:
                raw = self.samples.astype(np.float32)
                return np.asarray(raw - raw.mean(dtype=np.float64), np.float32)
            case Kind.ENVELOPE:
                return np.nan_to_num(self.samples.astype(np.float32), posinf=0.0, neginf=0.0)
            case Kind.A_LAW:
                reference = self.header.a_law_reference
                return expand(self.samples.astype(np.uint8), reference if np.isfinite(reference) else 0.0)


def expand(companded: NDArray[np.uint8], reference: float) -> NDArray[np.float32]:
    """The inverse of A-law: 0 to 255 stand for 0 to 1, and 1 for `reference`."""
    share = companded.astype(np.float64) / 255
    log_a = 1 + np.log(A_LAW)
    linear = np.where(share < 1 / log_a, share * log_a, np.exp(share * log_a - 1)) / A_LAW
    return np.asarray(linear * reference, np.float32)
