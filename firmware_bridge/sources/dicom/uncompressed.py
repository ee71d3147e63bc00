"""Uncompressed pixels: how many frames their bytes hold, and how those turn to grey."""

from pathlib import Path

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.sources.dicom.contents import Contents, Span, check_count
from firmware_bridge.sources.dicom.greys import ToGrey, eight_bits, first_sample, grey_of_one_sample, partial_luma
from firmware_bridge.sources.dicom.labels import ONE_SAMPLE, PARTIAL, Labels
from firmware_bridge.sources.dicom.native import PADDING, layouts_of, smoothest
from firmware_bridge.sources.dicom.stored import Stored
from firmware_bridge.sources.greys import luma
from firmware_bridge.sources.recorded import unreadable

EXPORT_AGAIN = "Export it again from the machine that made it, in grey or as JPEG"


def uncompressed(path: Path, stored: Stored, labels: Labels) -> Contents:
    """The frames of an object whose pixels are not compressed.

    Raises:
        SourceUnreadable: it is cut off, contradicts itself, or leaves the layout of its samples open.
    """
    stated, there = stored.stated_bytes or 0, stored.end - stored.start
    if there < stated:
        raise unreadable(path, f"cut off: {there} of at least {stated} bytes of pixels are present")
    to_grey = _to_grey(path, stored, labels)
    layouts = layouts_of(labels, stated)
    frame_bytes = layouts[0].frame_bytes
    _check_bytes(path, labels, stated, frame_bytes)
    with stored.open() as file:
        layout = smoothest(layouts, Span(stored.start, frame_bytes).read(file))
    if layout.either_order and labels.planar is None:
        raise unreadable(path, "colour without PlanarConfiguration, so the layout of its samples is unknown", EXPORT_AGAIN)
    whole, rest = divmod(stated, frame_bytes)
    check_count(path, whole)
    begun = rest > PADDING and whole > (labels.frames or 0)
    return Contents(
        [[Span(stored.start + number * frame_bytes, frame_bytes)] for number in range(whole)],
        max((labels.frames or 0) - whole, int(begun)),
        lambda data: to_grey(layout.samples(data)),
        stored.swapped,
    )


def _check_bytes(path: Path, labels: Labels, stated: int, frame_bytes: int) -> None:
    """Refuses a description that needs more bytes than there are, if the bytes make up whole frames of another depth or none at all."""
    pixels = labels.rows * labels.columns
    if stated < frame_bytes:
        raise _contradiction(
            path, f"{labels.columns} x {labels.rows} pixels need {frame_bytes} bytes a frame, but its pixels have {stated}"
        )
    if labels.frames and stated < labels.frames * frame_bytes:
        per_pixel, rest = divmod(stated, labels.frames * pixels)
        if per_pixel and rest <= PADDING:
            raise _contradiction(path, f"{labels.frames} frames need {frame_bytes // pixels} bytes a pixel, but there are {per_pixel}")


def _to_grey(path: Path, stored: Stored, labels: Labels) -> ToGrey:
    one = labels.kind in ONE_SAMPLE
    if labels.samples != (1 if one else 3) and (one or labels.is_rgb or labels.is_ybr):
        raise _contradiction(path, f"SamplesPerPixel is {labels.samples}, but PhotometricInterpretation is {labels.kind}")
    if labels.samples != 3:
        return grey_of_one_sample(path, stored.dataset, labels)
    if labels.is_rgb or not labels.kind:
        return lambda samples: luma(eight_bits(labels, samples))
    if labels.is_ybr:
        return partial_luma if labels.kind.startswith(PARTIAL) else lambda samples: eight_bits(labels, first_sample(samples))
    raise unreadable(path, f"its pixels have the unknown kind '{labels.kind}'", "Export it in grey (MONOCHROME2) or RGB")


def _contradiction(path: Path, what: str) -> SourceUnreadable:
    return unreadable(path, f"its description contradicts itself: {what}", EXPORT_AGAIN)
