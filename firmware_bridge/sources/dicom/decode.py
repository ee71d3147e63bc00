"""Decoders of compressed frames, in the order in which they are tried. They obey the codestream; no label of the object reaches them."""

import logging
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import simplejpeg
from av.video.codeccontext import VideoCodecContext
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import DecodeOptions, get_decoder
from pydicom.uid import RLELossless

from firmware_bridge.child import python
from firmware_bridge.sources.dicom.codestream import Codestream, Coding
from firmware_bridge.sources.dicom.labels import LARGEST_PX
from firmware_bridge.sources.dicom.native import Samples

END_OF_IMAGE = b"\xff\xd9"
COMPONENTS = (1, 3)
BYTE, WORD = 8, 16
GDCM_S = 30.0
GDCM_FRAME = str(Path(__file__).with_name("gdcm_frame.py"))

logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # it would log a traceback for each damaged frame, which is counted as lost

Decode = Callable[[Codestream, bytes], Samples]
"""Takes a frame, whose `rgb` is settled. Raises any exception for a damaged one."""


def decoded(stream: Codestream, data: bytes) -> Samples:
    """The samples of a frame from the first decoder that succeeds: (rows, columns, 3) RGB, or (rows, columns), for colour its luma.

    Raises:
        ValueError: no decoder succeeds, or the picture is too large, too deep, or of some other number of components than one or three.
    """
    in_words = stream.precision == WORD and (stream.components == 1 or stream.coding is Coding.RLE)
    if stream.rows * stream.columns > LARGEST_PX or not (stream.precision <= BYTE or in_words) or stream.components not in COMPONENTS:
        raise ValueError(f"{stream.columns} x {stream.rows} pixels of {stream.components} x {stream.precision} bits")
    for decode in DECODERS[stream.coding]:
        with suppress(Exception):  # each decoder has its own exceptions for a damaged frame
            return decode(stream, data)
    raise ValueError(f"damaged {stream.coding.value}")


def _pillow_jpeg(stream: Codestream, data: bytes) -> Samples:
    image = Image.open(BytesIO(data), formats=("JPEG",))
    if stream.rgb and not stream.taken_for_rgb:
        image.draft("YCbCr", None)  # libjpeg then converts nothing
    samples = np.asarray(image)
    return samples[..., 0] if stream.taken_for_rgb and not stream.rgb else samples


def _turbo_jpeg(stream: Codestream, data: bytes) -> Samples:
    """For a JPEG without its end mark. Strict: missing rows give an error, not grey."""
    if bool(stream.rgb) != stream.taken_for_rgb:
        raise ValueError("libjpeg takes these colours for others")
    colours = "GRAY" if stream.components == 1 else "RGB"
    return np.squeeze(np.asarray(simplejpeg.decode_jpeg(data + END_OF_IMAGE, colours, strict=True), np.uint8))


def _pillow(kind: str, stream: Codestream, data: bytes) -> Samples:
    return _rgb_or_luma(stream, np.asarray(Image.open(BytesIO(data), formats=(kind,))))


def _ffmpeg(codec: str, stream: Codestream, data: bytes) -> Samples:
    """Strict: a damaged frame gives an error, not half a picture."""
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.options = {"err_detect": "explode"}
    frame, *_ = [*context.decode(av.Packet(data)), *context.decode(None)]
    if stream.precision > BYTE:
        return np.asarray(frame.to_ndarray(format="gray16le"), np.uint16)
    return _rgb_or_luma(stream, np.asarray(frame.to_ndarray(format="gray" if stream.components == 1 else "rgb24"), np.uint8))


def _gdcm(stream: Codestream, data: bytes) -> Samples:
    size = stream.rows, stream.columns, stream.components
    command = python(GDCM_FRAME, stream.coding.value, *map(str, size), str(stream.precision))
    pixels = subprocess.run(command, input=data, capture_output=True, check=True, timeout=GDCM_S).stdout
    samples: Samples = np.frombuffer(pixels, np.uint8) if stream.precision <= BYTE else np.frombuffer(pixels, "<u2").astype(np.uint16)
    return _rgb_or_luma(stream, samples.reshape(size[: 2 if stream.components == 1 else 3]))


def _gdcm_words(stream: Codestream, data: bytes) -> Samples:
    """For words alone: damage to a byte has been found already, and another process for each damaged frame takes long."""
    if stream.precision <= BYTE:
        raise ValueError("damaged, as the other decoders found")
    return _gdcm(stream, data)


def _rle(stream: Codestream, data: bytes) -> Samples:
    options: DecodeOptions = {
        "rows": stream.rows,
        "columns": stream.columns,
        "samples_per_pixel": stream.components,
        "photometric_interpretation": "RGB" if stream.components > 1 else "MONOCHROME2",
        "planar_configuration": 1,
        "number_of_frames": 1,
        "bits_allocated": stream.precision,
        "bits_stored": stream.precision,
        "pixel_representation": 0,
        "pixel_keyword": "PixelData",
    }
    as_array: Callable[..., tuple[Samples, object]] = get_decoder(RLELossless).as_array
    return _rgb_or_luma(stream, as_array(encapsulate([data], has_bot=False), index=0, raw=True, **options)[0])


def _rgb_or_luma(stream: Codestream, samples: Samples) -> Samples:
    return samples if stream.rgb or samples.ndim == 2 else samples[..., 0]


DECODERS: Mapping[Coding, tuple[Decode, ...]] = {
    Coding.DCT: (_pillow_jpeg, _turbo_jpeg),
    Coding.LOSSLESS: (partial(_pillow, "JPEG"), partial(_ffmpeg, "mjpeg"), _gdcm_words),
    Coding.JPEG_LS: (partial(_ffmpeg, "jpegls"), _gdcm),
    Coding.JPEG_2000: (partial(_pillow, "JPEG2000"), partial(_ffmpeg, "jpeg2000")),
    Coding.RLE: (_rle,),
}
"""GDCM ends the process at a damaged frame, so it decodes in another one, and last: JPEG-LS with colour by pixel, lossless words."""
