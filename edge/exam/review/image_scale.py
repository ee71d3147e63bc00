"""Scales for the image quality of an exam as a person rates it: data with version and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ImageScale:
    """The meaning of each point; a version that was used never changes its meaning."""

    id: str
    version: str
    source: str
    points: Mapping[int, str]


LUNG = ImageScale(
    id="lung-5",
    version="1.0.0",
    source=(
        "Readers agree better on five points made for the lung (ICC 0.703) than on a general scale (0.552): Balderston et al., Western "
        "Journal of Emergency Medicine 2024, PMC11000556. The sentences here are our own"
    ),
    points=MappingProxyType(
        {
            1: "No pleural line is seen in any zone",
            2: "A pleural line is seen, but what lies below it cannot be judged",
            3: "Some zones can be read; depth, gain or the place of the probe spoil others",
            4: "Every recorded zone can be read, with small faults",
            5: "Every recorded zone shows the pleural line between two ribs and what lies below it, at the right depth and gain",
        }
    ),
)

SCALES: Mapping[tuple[str, str], ImageScale] = MappingProxyType({(scale.id, scale.version): scale for scale in (LUNG,)})
"""By id and version."""
