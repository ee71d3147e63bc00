"""Where the first image of a buffer ends."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firmware_bridge.link.jpeg import first_image


def jpeg(seed=0, **options):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (24, 32), np.uint8)).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


EXIF = Image.Exif()
EXIF[270] = "\xff\xd8 \xff\xd9"
WHOLE = [jpeg(), jpeg(restart_marker_rows=1), jpeg(exif=EXIF), jpeg(optimize=True), jpeg(subsampling=0)]


@given(st.sampled_from(WHOLE), st.binary(max_size=60))
def test_bytes_behind_the_end_mark_are_left_out(whole, tail):
    assert first_image(whole + tail) == whole


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("tail", [b"", jpeg(7), jpeg(7)[2:]])
def test_without_an_end_mark_another_image_behind_it_is_left_out(whole, tail):
    assert first_image(whole[:-2] + tail) == whole


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"no image", jpeg(progressive=True), jpeg()[:100]])
def test_what_is_no_sequential_image_comes_back_unchanged(data):
    assert first_image(data) == data


@given(st.sampled_from(WHOLE), st.integers(1, 5), st.binary(max_size=20))
def test_bytes_before_the_start_mark_are_left_out_and_fill_bytes_are_passed_over(whole, fill, lead):
    at = whole.index(b"\xff\xc0")
    filled = whole[:at] + b"\xff" * fill + whole[at:]
    assert first_image(lead.replace(b"\xff", b"") + filled + b"tail") == filled


def test_two_interlaced_images_stay_together():
    field = b"\xff\xd8\xff\xe0\0\x10AVI1\1" + bytes(9) + jpeg()[20:]
    assert first_image(field + field) == field + field


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data):
    assert first_image(b"\xff\xd8" + data)
