"""What a file of lines states in addition to its samples: the geometry and the settings, and nothing of a patient, a person or a day.

The names are those with which PLUS configures scan conversion, so that its scan converter can be set from the file.
"""

from collections.abc import Mapping

from edge.exchange.beams.inverse import InverseConverter
from edge.exchange.beams.parts import Lines
from edge.notice import NOTICE
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.scan.fan import Fan

Fact = str | float | tuple[float, ...]


def facts_of(lines: Lines, converter: InverseConverter) -> Mapping[str, Fact]:
    """By name; angles are from straight down, lengths in mm, pixels (x, y) those of the image that the lines come from."""
    rows, columns = lines.size
    beams, samples = converter.shape
    facts: dict[str, Fact] = {
        "Notice": NOTICE,
        **({"Simulated": "True"} if lines.shared.simulated else {}),
        "TransducerGeometry": lines.geometry.shape.value.upper(),
        "NumberOfBeams": beams,
        "NumberOfSamplesPerBeam": samples,
        "SampleSpacingMm": _spacing(converter),
        "ShareOfSamplesInImage": round(converter.seen, 6),
        "OutputImageSizePixel": (columns, rows),
        **_placed(lines, converter),
        **_settings(lines.settings),
    }
    return facts | ({"Scanner": lines.scanner} if lines.scanner else {})


def text_of(fact: Fact) -> str:
    """A fact as a header of text states it."""
    return (
        " ".join(f"{number:.9g}" for number in fact) if isinstance(fact, tuple) else f"{fact:.9g}" if isinstance(fact, float) else str(fact)
    )


def _spacing(converter: InverseConverter) -> float:
    near, far = converter.at_mm[0, 0], converter.at_mm[0, -1]
    return float(((far - near) ** 2).sum() ** 0.5) / (converter.shape[1] - 1)


def _placed(lines: Lines, converter: InverseConverter) -> Mapping[str, Fact]:
    geometry, fan = lines.geometry, Fan.of(lines.geometry)
    spacing: dict[str, Fact] = {"OutputImageSpacingMmPerPixel": geometry.mm_per_px} if geometry.mm_per_px else {}
    if fan is None:
        (left, _), (right, depth) = converter.at_mm[0, 0], converter.at_mm[-1, -1]
        return {**spacing, "TransducerWidthMm": float(right - left), "ImagingDepthMm": float(depth)}
    (near, far), (start, stop) = fan.radii_mm, fan.angles_deg
    radii: dict[str, Fact] = {"RadiusStartMm": near, "RadiusStopMm": far, "ThetaStartDeg": start, "ThetaStopDeg": stop}
    return {**spacing, **radii, "ApexPixel": fan.apex_px}


def _settings(settings: AcquisitionSettings) -> Mapping[str, Fact]:
    named = {
        "DepthMm": settings.depth_mm,
        "GainDb": settings.gain_db,
        "FrequencyMhz": settings.frequency_mhz,
        "FocusMm": settings.focus_mm,
        "MechanicalIndex": settings.mechanical_index,
        "ThermalIndex": settings.thermal_index,
    }
    return {name: value for name, value in named.items() if value is not None}
