"""Outlines drawn and found again, among what machines draw around them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from edge.vision.outline import Edge, Outline, find_outline
from edge.vision.region import overlap

ROWS, COLUMNS = 300, 400
RECTANGLE = Outline(Edge(120.0, 0.0), Edge(280.0, 0.0), 100_030.0, 100_270.0)
FAN = Outline(Edge(150.0, -0.6), Edge(250.0, 0.6), 110.0, 350.0)


def drawn(outline, rows=ROWS, columns=COLUMNS, seed=1, strength=40):
    """Speckle inside an outline and nothing around it."""
    noise = np.random.default_rng(seed).rayleigh(strength, (rows, columns))
    return np.where(outline.mask(rows, columns), np.clip(noise, 0, 255), 0).astype(np.uint8)


def with_text(pixels, *places):
    image = Image.fromarray(pixels)
    for place in places:
        ImageDraw.Draw(image).text(place, "DOE^JANE 1970 14:03 MI 0.9 TIS 0.2", fill=255)
    return np.asarray(image).copy()


def agreement(pixels, outline):
    found = find_outline(pixels)
    assert found is not None
    return overlap(found.mask(*pixels.shape), outline.mask(*pixels.shape))


@pytest.mark.parametrize("outline", [RECTANGLE, FAN], ids=["rectangle", "fan"])
def test_what_was_drawn_is_found_among_text_rulers_and_panels(outline):
    pixels = with_text(drawn(outline), (2, 2), (2, 12), (300, 285))
    pixels[:, 380:] = 90
    pixels[10:290:14, 360:368] = 200
    assert agreement(pixels, outline) > 0.95


@pytest.mark.parametrize("size", [(120, 160), (480, 640), (1200, 1600)])
def test_any_size_of_picture_will_do(size):
    by = size[0] / ROWS
    outline = FAN.scaled(by)
    assert agreement(drawn(outline, *size), outline) > 0.95


def test_a_cyst_does_not_cut_the_image_in_two():
    pixels = drawn(RECTANGLE)
    pixels[90:170] = 0
    assert agreement(pixels, RECTANGLE) > 0.95


def test_a_shadow_on_one_side_is_filled_in_from_the_other():
    pixels = drawn(FAN)
    shadow = Outline(Edge(220.0, 0.25), Edge(1000.0, 0.0))
    lit = pixels.copy()
    lit[shadow.mask(ROWS, COLUMNS)] = 0
    lit[:70] = pixels[:70]
    assert agreement(lit, FAN) > 0.93


def test_a_picture_that_fills_the_frame_is_taken_whole():
    pixels = drawn(Outline(Edge(-10.0, 0.0), Edge(500.0, 0.0)))
    assert find_outline(pixels).mask(ROWS, COLUMNS).mean() > 0.98


@pytest.mark.parametrize(
    "pixels", [np.zeros((1, 1)), np.full((1, 1), 9), np.zeros((90, 70)), np.full((90, 70), 200), np.zeros((4320, 7680))]
)
def test_where_nothing_is_shown_nothing_is_found(pixels):
    assert find_outline(pixels.astype(np.uint8)) is None


@st.composite
def fans(draw):
    """(outline, size): somewhere in the middle of a picture."""
    rows, columns = size = draw(st.sampled_from([(200, 260), (300, 300), (360, 480)]))
    slope, top = draw(st.floats(0.05, 1.1)), draw(st.floats(0.0, 0.1)) * rows
    half = draw(st.floats(0.12, 0.25)) * columns - slope * top
    left, right = Edge(columns / 2 - half, -slope), Edge(columns / 2 + half, slope)
    above = -Outline(left, right).apex[1]
    return Outline(left, right, above + top, above + draw(st.floats(0.75, 0.98)) * rows), size


@settings(max_examples=60)
@given(fans(), st.integers(0, 1000))
def test_any_fan_is_found(fan, seed):
    outline, (rows, columns) = fan
    assert agreement(drawn(outline, rows, columns, seed), outline) > 0.9


@settings(max_examples=60)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_pixels_give_an_outline_or_none(rows, columns, seed, share):
    chance = np.random.default_rng(seed)
    pixels = np.where(chance.random((rows, columns)) < share, chance.integers(0, 256, (rows, columns)), 0).astype(np.uint8)
    found = find_outline(pixels)
    assert found is None or found.mask(rows, columns).shape == (rows, columns)
