"""Compressed pixels: where each frame is, and how its codestream turns to grey. PS3.5 8.2 and A.4."""

from array import array
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset
from pydicom.uid import JPEG2000TransferSyntaxes, JPEGLSTransferSyntaxes, JPEGTransferSyntaxes, RLELossless

from firmware_bridge.frame import Grey
from firmware_bridge.sources.dicom.codestream import Codestream, Coding, codestream_of
from firmware_bridge.sources.dicom.contents import MOST_FRAME_BYTES, Contents, Span, check_count
from firmware_bridge.sources.dicom.decode import decoded
from firmware_bridge.sources.dicom.fragments import frames_of, walk
from firmware_bridge.sources.dicom.greys import ToGrey, eight_bits, grey_of_one_sample
from firmware_bridge.sources.dicom.labels import HALVED, ONE_SAMPLE, Labels
from firmware_bridge.sources.dicom.stored import Stored
from firmware_bridge.sources.greys import luma
from firmware_bridge.sources.recorded import unreadable

KNOWN = (*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes, *JPEG2000TransferSyntaxes, RLELossless)
DESCRIPTION_BYTES = 1_000_000
"""The segments before the picture of a JPEG, such as those of EXIF and of colour profiles, have up to 64 kB each."""
BYTE_BITS, WORD_BITS = 8, 16


def compressed(path: Path, stored: Stored, labels: Labels) -> Contents:
    """The frames of an object whose pixels are compressed.

    Raises:
        NotUltrasound: more than eight bits.
        SourceUnreadable: it is cut off, has no frame, or is of a coding without a decoder.
    """
    with stored.open() as file:
        walked = walk(file, stored.start, stored.end)
        check_count(path, len(walked.fragments))
        frames = frames_of(walked, labels.frames, _extended_table(stored.dataset))
        first = _head(file, frames[0]) if frames else b""
    if not frames or (not walked.ended and len(frames) < (labels.frames or len(frames) + 1)):
        raise unreadable(path, f"cut off: {len(frames)} of {labels.frames or 'an unknown number of'} compressed frames are present")
    labels = _obeying(path, labels, _first_codestream(path, stored, first))
    longest = max(sum(span.length for span in frame) for frame in frames)
    if longest > MOST_FRAME_BYTES:
        raise unreadable(path, f"the DICOM object is damaged (a frame of {longest // 1_000_000} MB)")
    one_sample = grey_of_one_sample(path, stored.dataset, labels) if labels.kind in ONE_SAMPLE else partial(eight_bits, labels)
    missing = max(0, (labels.frames or 0) - len(frames))
    return Contents(frames, missing, lambda data: _grey(data, labels, one_sample))


def _head(file: BinaryIO, frame: list[Span]) -> bytes:
    """The beginning of a frame, up to a length that holds its description: the frame itself may be a video as large as the disk."""
    head = b""
    for span in frame:
        head += Span(span.start, min(span.length, DESCRIPTION_BYTES - len(head))).read(file)
        if len(head) == DESCRIPTION_BYTES:
            break
    return head


def _extended_table(dataset: Dataset) -> list[int]:
    table = dataset.get("ExtendedOffsetTable") or b""
    return list(array("Q", table[: len(table) // 8 * 8]))


def _first_codestream(path: Path, stored: Stored, first: bytes) -> Codestream | None:
    """None for a damaged frame of a coding that has a decoder."""
    try:
        return codestream_of(first)
    except ValueError as error:
        if stored.syntax in KNOWN:
            return None
        raise unreadable(
            path, f"there is no decoder for its pixels, coded as {stored.syntax.name}", "Export it uncompressed, as JPEG or as MP4"
        ) from error


def _obeying(path: Path, labels: Labels, stream: Codestream | None) -> Labels:
    """The labels, with the depth that the codestream states; a codestream of words may have fewer bits stored in them."""
    in_words = stream is not None and stream.precision == labels.allocated == WORD_BITS and labels.bits <= BYTE_BITS
    if stream is None or stream.coding is Coding.RLE or in_words:
        labels.check_depth(path)
        return labels
    stated = replace(
        labels, allocated=BYTE_BITS if stream.precision <= BYTE_BITS else WORD_BITS, bits=stream.precision, high=stream.precision - 1
    )
    stated.check_depth(path)
    return replace(stated, bits=8, high=7)  # decoders give the full range


def _grey(data: bytes, labels: Labels, one_sample: ToGrey) -> Grey:
    stream = codestream_of(data)
    stream = replace(stream, rgb=_is_rgb(stream, labels))
    if stream.coding is Coding.RLE:
        segments_of_each = labels.allocated // 8
        stream = replace(
            stream,
            components=stream.components // segments_of_each,
            rows=labels.rows,
            columns=labels.columns,
            precision=labels.allocated,
        )
    if stream.precision > labels.allocated:
        raise ValueError(f"a frame of {stream.precision} bits among those of {labels.allocated}")
    samples = decoded(stream, data)
    if stream.components == 1:
        return one_sample(samples)
    return luma(eight_bits(labels, samples)) if samples.ndim == 3 else eight_bits(labels, samples)


def _is_rgb(stream: Codestream, labels: Labels) -> bool:
    """What the codestream states about its colours; only what it leaves open is read from the label."""
    if stream.rgb is not None:
        return stream.rgb
    if stream.coding is Coding.DCT:
        return labels.is_rgb
    if stream.coding is not Coding.RLE and labels.kind in HALVED:
        return True  # the label of an earlier coding: no component is halved here
    return not labels.is_ybr
