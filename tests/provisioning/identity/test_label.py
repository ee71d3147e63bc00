"""A label shows the id as a QR code and as text, at the resolution of a label printer."""

from contextlib import closing
from io import BytesIO
from xml.etree import ElementTree

import pypdfium2
import pytest
import segno
from PIL import Image

from edge.notice import NOTICE
from provisioning.identity.label import label, label_text

FINGERPRINT = ":".join(["A1"] * 32)
ID = "EH7D-DX5B-KSRG-X"


@pytest.fixture(scope="module")
def png():
    return Image.open(BytesIO(label(ID, FINGERPRINT, "png"))).convert("L")


def test_a_png_has_at_least_300_dpi_and_its_true_size(png):
    dpi = Image.open(BytesIO(label(ID, FINGERPRINT, "png"))).info["dpi"][0]
    assert dpi == pytest.approx(300, abs=0.1)
    assert png.width / dpi * 25.4 == pytest.approx(50, abs=0.2)


def test_the_modules_of_the_code_are_those_of_the_text(png):
    """The corner of the finder pattern and the width of the code give the grid; each module is read at its centre."""
    matrix = segno.make_qr(label_text(ID, FINGERPRINT), error="m").matrix
    ink = png.point(lambda value: 255 * (value < 128))
    left, top, *_ = ink.getbbox()
    left = next(x for x in range(png.width) if ink.getpixel((x, top)))
    right = max(x for x in range(png.width) if ink.getpixel((x, top)))
    module = (right - left + 1) / len(matrix)
    read = [
        [int(ink.getpixel((int(left + (x + 0.5) * module), int(top + (y + 0.5) * module))) > 0) for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert read == [list(row) for row in matrix]


def test_the_code_needs_no_more_than_alphanumeric_mode():
    code = segno.make_qr(label_text(ID, FINGERPRINT), error="m")
    assert code.mode == "alphanumeric"
    assert label_text(ID, FINGERPRINT) == f"SONOEDGE:{ID}:{'A1' * 32}"


def test_the_text_states_the_id_and_the_notice():
    with closing(pypdfium2.PdfDocument(label(ID, FINGERPRINT, "pdf"))) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert ID in text
    assert NOTICE in text
    assert text.count("A1") == 32


def test_the_svg_is_a_picture_of_the_same_size():
    root = ElementTree.fromstring(label(ID, FINGERPRINT, "svg"))
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(50 / 25.4 * 72, abs=0.1)
