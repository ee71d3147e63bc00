"""An observation as OpenIGTLink messages: the image, its reading as JSON, and the class map as a second image over the first."""

import json
from dataclasses import dataclass

import numpy as np

from edge.notice import NOTICE
from edge.pipeline.observation import Observation
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.image import Image, Matrix
from firmware_bridge.igtl.messages import String

IMAGE, READING, MAP = "SonoEdge", "SonoEdge_Reading", "SonoEdge_Map"
"""Device names, by which a viewer tells the messages apart."""
UNKNOWN_MM = 1.0
"""Spacing of an image whose scale is not known; the reading says that it is not."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How one client is spoken to: `version` is 1 until it has sent more; `skipped` counts what it was too slow for."""

    version: int = 1
    skipped: int = 0


def messages_of(observation: Observation, timestamp: int, peer: Peer) -> bytes:
    """All that is sent of one frame, in one piece; `timestamp` is when it was received."""
    said = reading_json(observation, peer.skipped)
    across, down = observation.frame.geometry.mm_per_px or (UNKNOWN_MM, UNKNOWN_MM)
    pixels = observation.frame.pixels
    rows, columns = pixels.shape
    field, shown = observation.seen.field, _map(observation)
    step_across, step_down = across * field.width / shown.shape[1], down * field.height / shown.shape[0]
    right_mm, down_mm = across * (field.left + (field.width - columns) / 2), down * (field.top + (field.height - rows) / 2)
    parts = (
        (IMAGE, _image(pixels[:, :, np.newaxis], across, down)),
        (READING, String(said)),
        (MAP, _image(shown, step_across, step_down, (right_mm, down_mm))),
    )
    metadata = {"notice": NOTICE, "simulated": str(observation.frame.simulated).lower(), "model": observation.release.ident}
    number = observation.frame.sequence % 2**32
    return b"".join(encode(body, name, timestamp, version=peer.version, metadata=metadata, message_id=number) for name, body in parts)


def reading_json(observation: Observation, skipped: int) -> str:
    frame, reading = observation.frame, observation.reading
    return json.dumps(
        {
            "notice": NOTICE,
            "sequence": reading.sequence,
            "simulated": reading.simulated,
            "model": reading.model,
            "release": observation.release.ident,
            "good": observation.quality.good,
            "reasons": [reason.code for reason in observation.quality.reasons],
            "findings": {score.finding: round(score.probability, 4) for score in reading.scores},
            "mm_per_px": frame.geometry.mm_per_px,
            "depth_mm": frame.settings.depth_mm,
            "skipped": skipped,
        }
    )


def _map(observation: Observation) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    """(rows, columns, findings) probabilities, 255 for certain, over the frame's field."""
    logits = observation.reading.class_map
    planes = [np.vectorize(finding.probability)(logits[:, :, number]) for number, finding in enumerate(observation.release.findings)]
    return np.round(255 * np.stack(planes, axis=2)).astype(np.uint8)


def _image(
    samples: "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]",
    across_mm: float,
    down_mm: float,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Image:
    """`centre` (right, down) mm from the frame's, which is the origin, so that images of one observation lie over each other."""
    rows, columns, _ = samples.shape
    matrix: Matrix = (across_mm, 0.0, 0.0, 0.0, down_mm, 0.0, 0.0, 0.0, 1.0, *centre, 0.0)
    return Image(samples, (columns, rows), (0, 0), matrix)
