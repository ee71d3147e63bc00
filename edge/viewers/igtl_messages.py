"""An observation as OpenIGTLink messages: the image, its reading as JSON, and the class map as a second image over the first one."""

import json
from dataclasses import dataclass

import numpy as np

from edge.notice import NOTICE
from edge.pipeline.observation import Observation
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.image import Image, Matrix
from firmware_bridge.igtl.messages import Body, String
from firmware_bridge.igtl.simulated import APPLIANCE, metadata_of, name_of

IMAGE, READING, MAP = APPLIANCE, f"{APPLIANCE}_Reading", f"{APPLIANCE}_Map"
"""Device names, by which a viewer distinguishes the messages."""
UNKNOWN_MM = 1.0
"""Spacing of an image with unknown scale; the reading then has `mm_per_px` null."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One client: its `version` is 1 until it sends a higher one; `skipped` counts the frames that it missed because it was too slow.

    Without `findings` it gets neither probabilities nor the class map, because site policy hides them.
    """

    version: int = 1
    skipped: int = 0
    findings: bool = True


def messages_of(observation: Observation, timestamp: int, peer: Peer) -> bytes:
    """All messages of one frame as one piece of bytes; `timestamp` is when the frame was received."""
    parts = [_frame(observation), (READING, String(reading_json(observation, peer)))]
    parts += [_over(observation)] if peer.findings else []
    simulated, version = observation.frame.simulated, peer.version
    metadata = {"notice": NOTICE, "model": observation.release.ident, **metadata_of(observation.frame.machine, simulated=simulated)}
    number = observation.frame.sequence % 2**32
    named = ((name_of(name, version, simulated=simulated), body) for name, body in parts)
    return b"".join(encode(body, name, timestamp, version=version, metadata=metadata, message_id=number) for name, body in named)


def reading_json(observation: Observation, peer: Peer) -> str:
    frame, reading = observation.frame, observation.reading
    return json.dumps(
        {
            "notice": NOTICE,
            "sequence": reading.sequence,
            "simulated": reading.simulated,
            "model": reading.model,
            "release": observation.release.ident,
            "machine": reading.machine.name,
            "machine_validated": observation.standing.validated,
            "good": observation.quality.good,
            "reasons": [reason.code for reason in observation.quality.reasons],
            "findings": {key: round(each, 4) for key, each in observation.probabilities.items()} if peer.findings else {},
            "mm_per_px": frame.geometry.mm_per_px,
            "depth_mm": frame.settings.depth_mm,
            "skipped": peer.skipped,
        }
    )


def _frame(observation: Observation) -> tuple[str, Body]:
    return IMAGE, _image(observation.frame.pixels[:, :, np.newaxis], *_mm_per_px(observation))


def _over(observation: Observation) -> tuple[str, Body]:
    """The class map, positioned over the frame."""
    across, down = _mm_per_px(observation)
    rows, columns = observation.frame.pixels.shape
    field, planes = observation.seen.field, _map(observation)
    centre = across * (field.left + (field.width - columns) / 2), down * (field.top + (field.height - rows) / 2)
    return MAP, _image(planes, across * field.width / planes.shape[1], down * field.height / planes.shape[0], centre)


def _mm_per_px(observation: Observation) -> tuple[float, float]:
    return observation.frame.geometry.mm_per_px or (UNKNOWN_MM, UNKNOWN_MM)


def _map(observation: Observation) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    """(rows, columns, findings) probabilities, 255 for certain, over the frame's field."""
    logits = observation.reading.class_map
    planes = [np.vectorize(label.probability)(logits[:, :, number]) for number, label in enumerate(observation.standing.labels)]
    return np.round(255 * np.stack(planes, axis=2)).astype(np.uint8)


def _image(
    samples: "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]",
    across_mm: float,
    down_mm: float,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Image:
    """`centre` (right, down) is in mm from the centre of the frame, the origin, so that the images of one observation align."""
    rows, columns, _ = samples.shape
    matrix: Matrix = (across_mm, 0.0, 0.0, 0.0, down_mm, 0.0, 0.0, 0.0, 1.0, *centre, 0.0)
    return Image(samples, (columns, rows), (0, 0), matrix)
