"""Training pictures: generated pictures of many kinds that are not ultrasound, and random variations of a given picture.

Few photographs are available, and a score fitted to them alone does not generalise. Overlapping discs whose sizes follow a power law have
the statistics of natural scenes (Lee, Mumford and Huang, Int. J. Computer Vision 2001;41:35). Discs in a bright ring on black resemble
slices of a body.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from firmware_bridge.frame import Grey

Chance: TypeAlias = np.random.Generator
Numbers: TypeAlias = NDArray[np.float64]

TEXT = "the patient was seen and had no fever 12 345 REPORT Name: 0.9 mg settings file close (cancel) page 7, and so on; " * 4


def generated(chance: Chance) -> Grey:
    """A picture of a random kind of `KINDS`, with a random size."""
    shape = int(chance.integers(200, 700)), int(chance.integers(200, 900))
    kind = KINDS[int(chance.integers(len(KINDS)))]
    return _grey(kind(chance, shape))


def varied(pixels: Grey, chance: Chance) -> Grey:
    """A part of (rows, columns) grey: rotated, mirrored, resized, with other brightness or on a black page."""
    part = np.rot90(_part(pixels, chance), int(chance.choice([0, 0, 1, 2, 3])))
    part = part[:, ::-1] if chance.random() < 0.5 else part
    resized = _resized(np.ascontiguousarray(part), int(chance.integers(200, 900)))
    values = resized / 255.0
    values = 1 - values if chance.random() < 0.15 else values
    values = values ** chance.choice([1.0, 1.0, chance.uniform(0.5, 2.0)]) * chance.choice([1.0, chance.uniform(0.3, 1.3)])
    if chance.random() < 0.2:
        values = values + chance.normal(0, chance.uniform(0.01, 0.12), values.shape)
    return _on_page(_grey(255 * values), chance) if chance.random() < 0.25 else _grey(255 * values)


def another_export(pixels: Grey, chance: Chance) -> Grey:
    """Ultrasound (rows, columns) as another machine might show it: cropped, mirrored, resized, with another gain and grey map."""
    if chance.random() < 0.4:
        (rows, columns), (deep, wide) = pixels.shape, chance.uniform(0.65, 1, 2)
        left = int(chance.integers(columns - round(columns * wide) + 1))
        pixels = pixels[: round(rows * deep), left : left + round(columns * wide)]
    pixels = pixels[:, ::-1] if chance.random() < 0.5 else pixels
    values = _resized(np.ascontiguousarray(pixels), int(chance.integers(200, 900))) / 255.0
    values = 255 * values ** chance.choice([1.0, chance.uniform(0.6, 1.7)]) * chance.choice([1.0, chance.uniform(0.6, 1.3)])
    values = values + chance.choice([0.0, chance.uniform(-40, 40)]) * np.minimum(1, values / 16)
    return _on_page(_grey(values), chance) if chance.random() < 0.25 else _grey(values)


def _part(pixels: Grey, chance: Chance) -> Grey:
    rows, columns = (max(8, round(side * chance.choice([1.0, chance.uniform(0.3, 1.0)]))) for side in pixels.shape)
    top, left = (int(chance.integers(max(1, side - length + 1))) for side, length in zip(pixels.shape, (rows, columns), strict=True))
    return pixels[top : top + rows, left : left + columns]


def _resized(pixels: Grey, longest: int) -> Grey:
    by = longest / max(pixels.shape)
    rows, columns = (max(16, round(side * by)) for side in pixels.shape)
    return np.asarray(Image.fromarray(pixels).resize((columns, rows), Image.Resampling.BILINEAR))


def _on_page(pixels: Grey, chance: Chance) -> Grey:
    top, bottom, left, right = (int(chance.integers(0, 120)) for _ in range(4))
    return np.pad(pixels, ((top, bottom), (left, right)))


def _grey(values: Numbers) -> Grey:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _grid(shape: tuple[int, int]) -> tuple[Numbers, Numbers]:
    """(y, x) from -1 to 1."""
    y, x = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(y, np.float64), np.asarray(x, np.float64)


def _flat(chance: Chance, shape: tuple[int, int]) -> Numbers:
    return np.full(shape, chance.uniform(30, 255)) + chance.normal(0, chance.choice([0.0, 1.0, 4.0]), shape)


def _noise(chance: Chance, shape: tuple[int, int]) -> Numbers:
    return np.asarray(chance.normal(chance.uniform(60, 200), chance.uniform(10, 70), shape))


def _gradient(chance: Chance, shape: tuple[int, int]) -> Numbers:
    y, x = _grid(shape)
    slope = chance.normal(0, 60, 2)
    return np.asarray(chance.uniform(60, 200) + slope[0] * y + slope[1] * x - chance.choice([0, 120]) * np.hypot(x, y))


def _clouds(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """Noise with an amplitude that falls with a power of its frequency."""
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    amplitude = np.maximum(frequency, 1 / max(shape)) ** -chance.uniform(0.8, 2.0)
    cloud = np.fft.irfft2(np.fft.rfft2(chance.normal(0, 1, shape)) * amplitude, s=shape)
    return np.asarray(chance.uniform(60, 190) + chance.uniform(15, 70) * cloud / cloud.std())


def _scene(chance: Chance, shape: tuple[int, int]) -> Numbers:
    image = Image.new("L", shape[::-1], int(chance.integers(256)))
    draw = ImageDraw.Draw(image)
    for size in np.sort(3 / chance.uniform(0.004, 1, int(chance.integers(40, 600))) ** 0.7)[::-1]:
        x, y = chance.uniform(0, shape[1]), chance.uniform(0, shape[0])
        wide, high = size * chance.uniform(0.4, 2, 2)
        shape_of = draw.ellipse if chance.random() < 0.6 else draw.rectangle
        shape_of((x - wide, y - high, x + wide, y + high), fill=int(chance.integers(10, 250)))
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(chance.uniform(0, 2.5))), np.float64)
    return blurred + chance.normal(0, chance.uniform(0, 6), shape) + 0.3 * (_clouds(chance, shape) - 128)


def _slice(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """A slice of a body, as in CT or MR: uniform grey organs in a bright ring."""
    y, x = _grid(shape)
    body = np.hypot(x / chance.uniform(0.6, 0.95), y / chance.uniform(0.6, 0.95))
    ring = chance.uniform(0.02, 0.1)
    picture = np.where(body < 1, chance.uniform(150, 255), 0.0)
    picture = np.where(body < 1 - ring, chance.uniform(60, 160), picture)
    for _ in range(int(chance.integers(2, 14))):
        (at_x, at_y), (wide, high) = chance.uniform(-0.5, 0.5, 2), chance.uniform(0.04, 0.35, 2)
        organ = np.hypot((x - at_x) / wide, (y - at_y) / high) < 1
        picture = np.where(organ & (body < 1 - ring), chance.uniform(0, 255), picture)
    cloudy = (_clouds(chance, shape) - 128) * chance.uniform(0.05, 0.3) * (body < 1)
    image = Image.fromarray(_grey(picture + cloudy)).filter(ImageFilter.GaussianBlur(chance.uniform(0, 2)))
    return np.asarray(image, np.float64) + chance.normal(0, chance.uniform(0, 8), shape)


def _projection(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """As in an X-ray: soft overlapping shadows with curved stripes."""
    y, x = _grid(shape)
    picture = np.full(shape, chance.uniform(80, 180))
    for _ in range(int(chance.integers(3, 8))):
        (at_x, at_y), (wide, high) = chance.uniform(-0.7, 0.7, 2), chance.uniform(0.2, 0.6, 2)
        picture += chance.uniform(-90, 90) * np.exp(-(((x - at_x) / wide) ** 2) - ((y - at_y) / high) ** 2)
    stripes = np.sin(chance.uniform(8, 30) * (y + chance.uniform(-0.5, 0.5) * x**2))
    return np.asarray(picture + chance.uniform(0, 20) * np.clip(stripes * 3, -1, 1) + chance.normal(0, 3, shape))


def _counts(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """Points on black: stars, or nuclear medicine counts in a few organs."""
    y, x = _grid(shape)
    density = np.full(shape, chance.uniform(0.001, 0.02))
    for _ in range(int(chance.integers(0, 5))):
        (at_x, at_y), (wide, high) = chance.uniform(-0.6, 0.6, 2), chance.uniform(0.05, 0.5, 2)
        density += chance.uniform(0.02, 0.5) * np.exp(-(((x - at_x) / wide) ** 2) - ((y - at_y) / high) ** 2)
    points = chance.poisson(density) * chance.exponential(chance.uniform(80, 400), shape)
    spread = Image.fromarray(_grey(points)).filter(ImageFilter.GaussianBlur(chance.uniform(0, 2)))
    return np.asarray(spread, np.float64) * chance.uniform(1, 4)


def _page(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """Lines of text: a document or a computer screen."""
    paper, ink = (int(chance.integers(200, 256)), int(chance.integers(80))) if chance.random() < 0.7 else (int(chance.integers(70)), 230)
    image = Image.new("L", shape[::-1], paper)
    draw = ImageDraw.Draw(image)
    size = int(chance.integers(8, 40))
    for y in range(size, shape[0], round(size * chance.uniform(1.2, 2))):
        begin = int(chance.integers(100))
        draw.text((chance.uniform(0, shape[1] / 4), y), TEXT[begin : begin + int(chance.integers(5, 120))], fill=ink, font_size=size)
    if chance.random() < 0.4:
        half = min(shape) / 2
        draw.rectangle([*chance.uniform(0, half, 2), *chance.uniform(half, 2 * half, 2)], fill=int(chance.integers(256)))
    return np.asarray(image, np.float64)


def _pattern(chance: Chance, shape: tuple[int, int]) -> Numbers:
    """Test patterns: checkerboards, bars and rings."""
    y, x = _grid(shape)
    across, down = chance.uniform(1, 12, 2)
    values = [
        np.sign(np.sin(np.pi * across * x) * np.sin(np.pi * down * y)) * np.ones(shape),
        np.floor(np.mod(across * (x + 1), 5)) / 2.5 - 1 + 0 * y,
        np.floor(np.mod(down * (y + 1), 5)) / 2.5 - 1 + 0 * x,
        np.sin(6 * across * np.hypot(x, y)),
    ][int(chance.integers(4))]
    return np.asarray(chance.uniform(80, 180) + chance.uniform(30, 127) * values)


KINDS: tuple[Callable[[Chance, tuple[int, int]], Numbers], ...] = (
    _flat,
    _noise,
    _gradient,
    _clouds,
    _scene,
    _scene,
    _scene,
    _slice,
    _slice,
    _projection,
    _counts,
    _page,
    _pattern,
)
