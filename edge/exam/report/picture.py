"""The picture of a zone in a report: the best frame of its clip, from the very recording that the report names."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from edge.disk.digest import digest_of
from edge.exam.report.report import Report, ReportZone
from edge.exam.review.film import FilmFrame, film_of
from edge.exam.taking.capture import Window
from edge.inference.shown import whole
from edge.records.exams.clips import ClipRecord
from edge.vision.standardise import Standardiser
from firmware_bridge.errors import BridgeError

JUDGED = 40
"""Frames of a clip that are compared, evenly chosen."""
SIDE = 64
"""Of the square that is judged, in pixels: enough for every measure of quality, which reads the frame itself."""
JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames `first` to `last` of a recording with the digest `sha256`; `path` is empty where there is no file."""

    zone: str
    path: str
    sha256: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`content` is a JPEG, empty where there is none; `caption` then states why."""

    zone: str
    content: bytes
    caption: str


def shots_of(report: Report, clips: Iterable[tuple[ClipRecord, Path | None]]) -> tuple[Shot, ...]:
    """Of each zone with a clip, in the order of the report; `clips` are those of its exam, each with its recording."""
    known = {clip.sha256: (clip, path) for clip, path in clips}
    return tuple(_shot(zone, *known[zone.clip_sha256]) for zone in report.zones if zone.clip_sha256 in known)


def _shot(zone: ReportZone, clip: ClipRecord, path: Path | None) -> Shot:
    return Shot(zone.id, str(path or ""), clip.sha256, clip.first, clip.last)


def picture_of(shot: Shot) -> Picture:
    """The best frame of a clip, black outside the ultrasound. Without a picture the caption states why, and the report is still printed."""
    if not shot.path:
        return Picture(shot.zone, b"", "No picture: the recording is not on this appliance")
    path = Path(shot.path)
    try:
        if digest_of(path) != shot.sha256:
            return Picture(shot.zone, b"", "No picture: the recording is not the one that was read")
        standardiser = Standardiser(SIDE)
        judged = ((standardiser.take(film.frame).quality.score, film) for film in film_of(path, Window(shot.first, shot.last, 0.0), JUDGED))
        score, film = max(judged, key=lambda each: each[0])
    except (BridgeError, OSError) as error:
        return Picture(shot.zone, b"", f"No picture: the recording cannot be read ({error})")
    return Picture(shot.zone, _jpeg(film), _caption(film, score))


def _caption(film: FilmFrame, score: float) -> str:
    depth_mm = film.frame.settings.depth_mm
    depth = f", depth {depth_mm / 10:g} cm" if depth_mm else ""
    return f"{film.at_us / 1e6:.1f} s into the clip, quality {whole(score)}{depth}"


def _jpeg(film: FilmFrame) -> bytes:
    made = io.BytesIO()
    Image.fromarray(film.frame.pixels).save(made, "JPEG", quality=JPEG_QUALITY)
    return made.getvalue()
