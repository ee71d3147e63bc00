"""What the attributes of an object state about its pixels. PS3.3 C.7.6.3."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from pydicom import Dataset

from firmware_bridge.errors import NotUltrasound
from firmware_bridge.sources.recorded import unreadable

LARGEST_PX = 16_000_000
"""Twice a 4K screen. A larger picture is a damaged number, and its decoding would take all memory."""

RGB, INVERTED, GREY, PALETTE = "RGB", "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"
ONE_SAMPLE = (INVERTED, GREY, PALETTE)
TRANSFORMED = ("YBR_RCT", "YBR_ICT")
"""The decoder of JPEG 2000 undoes these, so what it gives is RGB."""
HALVED = ("YBR_FULL_422", "YBR_PARTIAL_422")
"""Two pixels share their colour."""
PARTIAL = "YBR_PARTIAL"
"""Black is at 16 and white at 235."""


@dataclass(frozen=True, slots=True)
class Labels:
    """`frames` is None if the object does not state a number of 1 or more; `planar` is None if it is not stated."""

    rows: int
    columns: int
    samples: int
    planar: int | None
    allocated: int
    bits: int
    high: int
    signed: bool
    kind: str
    frames: int | None
    modality: str

    @classmethod
    def of(cls, dataset: Dataset) -> "Labels":
        """Raises AttributeError without Rows, Columns or BitsAllocated."""
        allocated = int(dataset.BitsAllocated)
        bits = min(int(dataset.get("BitsStored") or allocated), allocated)  # no sample has more bits than its place
        frames = numbers(dataset, "NumberOfFrames")
        return cls(
            rows=int(dataset.Rows),
            columns=int(dataset.Columns),
            samples=int(dataset.get("SamplesPerPixel") or 1),
            planar=None if dataset.get("PlanarConfiguration") is None else int(dataset.PlanarConfiguration),
            allocated=allocated,
            bits=bits,
            high=min(int(dataset.get("HighBit") or bits - 1), allocated - 1),
            signed=bool(dataset.get("PixelRepresentation")),
            kind=str(dataset.get("PhotometricInterpretation") or "").strip().upper(),
            frames=int(frames[0]) if frames and frames[0] >= 1 else None,
            modality=str(dataset.get("Modality") or "an image"),
        )

    def check_size(self, path: Path) -> None:
        """Raises SourceUnreadable for a picture without pixels, or with more than any screen has."""
        if not 0 < self.rows * self.columns <= LARGEST_PX:
            raise unreadable(path, f"the DICOM object is damaged (a picture of {self.columns} x {self.rows} pixels)")

    def check_depth(self, path: Path) -> None:
        """Raises NotUltrasound for samples with a sign, or of more than eight bits."""
        if self.signed or not (self.allocated == 8 or (self.allocated == 16 and self.bits <= 8)):
            raise NotUltrasound(
                f"{path}: {self.modality} of {self.allocated} bits ({self.bits} stored), where ultrasound has 8 unsigned",
                "If it is ultrasound, export it with 8 bits",
            )

    @property
    def is_rgb(self) -> bool:
        return self.kind in (RGB, *TRANSFORMED)

    @property
    def is_ybr(self) -> bool:
        return self.kind.startswith("YBR") and self.kind not in TRANSFORMED


def numbers(dataset: Dataset, name: str) -> list[float]:
    """The values of an attribute; none if it is absent, empty, or holds what is no finite number."""
    try:
        value = dataset.get(name)
        values = [value] if isinstance(value, str | int | float) else list(value or ())
        found = [float(one) for one in values]
    except (ValueError, TypeError, OverflowError):
        return []
    return found if all(map(isfinite, found)) else []
