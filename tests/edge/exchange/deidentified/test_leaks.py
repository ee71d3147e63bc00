"""Plants text in every attribute that can hold some, in sequences, in private ones and in the pixels, and searches what is written."""

import struct
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.datadict import DicomDictionary
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import JPEGLSLossless

from edge.exchange.deidentified import dataset as deidentifier
from edge.exchange.deidentified import values
from edge.exchange.deidentified.attributes import attributes
from edge.exchange.deidentified.coded import known_codes
from edge.exchange.deidentified.dataset import deidentified, patient_of
from edge.exchange.deidentified.pixels import PixelCleaner, write_clean
from edge.exchange.deidentified.pseudonyms import Pseudonyms
from edge.exchange.deidentified.values import Allowed
from edge.notice import NOTICE
from edge.vision.region import region_of
from tests.edge.exchange.deidentified.objects import CHEST, SIZE, image, raw

pytestmark = pytest.mark.filterwarnings("ignore")  # of pydicom, about what is planted
KEY = b"k" * 32
OUTSIDE = ~region_of(CHEST.geometry, SIZE, SIZE).mask
MARK = "ZQ7"
DATE, ROOT = "19870713", "1.3.999.77."
PLANTED = {
    **dict.fromkeys(("AE", "AS", "CS", "DS", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"), MARK),
    **dict.fromkeys(("OB", "OW", "UN", "OD", "OF", "OL", "OV"), MARK),
    **dict.fromkeys(("DA", "DT"), DATE),
    "UI": ROOT,
}
"""What begins the planted value, by VR. VRs of plain numbers hold no text."""
SEQUENCES = (
    "ContentSequence",
    "SequenceOfUltrasoundRegions",
    "ViewCodeSequence",
    "ReferencedSOPSequence",
    "OperatorIdentificationSequence",
)
NESTED_IN = ("PersonIdentificationCodeSequence", "ConceptCodeSequence", "PurposeOfReferenceCodeSequence")
PRIVATE = [(0x00090010, "LO"), (0x00091001, "LO"), (0x00091002, "UN"), (0x00291001, "PN"), (0x00190099, "ST")]
KEPT_TAGS = {0x00080016, 0x00020010, 0x7FE00010}
"""The class of the object, and what the test's own image needs to be one."""
IMAGE_TAGS = {0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103}


def value_of(tag, vr):
    text = PLANTED[vr]
    return text if text == DATE else f"{text}{tag if vr == 'UI' else f'{tag:08X}'}"


def text_tags():
    """Each attribute of the dictionary that may hold text, with the first VR that it may have."""
    for tag, (vrs, *_) in sorted(DicomDictionary.items()):
        vr = vrs.split(" ", maxsplit=1)[0]
        if vr in PLANTED and 0x00080000 <= tag < 0x7FE00000 and tag & 0xFFFF and tag not in KEPT_TAGS | IMAGE_TAGS:
            yield tag, vr


def planted(*more):
    """Elements with all that can be planted, in rising order of their tags, with `more` elements among them."""
    plain = {tag: raw(tag, vr, value_of(tag, vr).encode()) for tag, vr in (*text_tags(), *PRIVATE)}
    return b"".join(value for _, value in sorted((plain | dict(more)).items()))


def sequence(keyword, content):
    tag = next(tag for tag, entry in DicomDictionary.items() if entry[4] == keyword)
    return tag, raw(tag, "SQ", struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content)


def full_file(path):
    """An image with text wherever text can be: in itself, in items of sequences, and in items of sequences of these."""
    own = image(path.with_suffix(".own"), syntax=JPEGLSLossless)
    whole = own.read_bytes()
    dataset = dcmread(own)
    inner = [sequence(name, planted()) for name in NESTED_IN]
    outer = [sequence(name, planted(*inner)) for name in SEQUENCES]
    from_image = {tag: raw(tag, dataset[tag].VR, bytes_of(dataset[tag])) for tag in IMAGE_TAGS if tag in dataset}
    pixels = whole[whole.rindex(struct.pack("<HH", 0x7FE0, 0x0010) + b"OB") :]
    head = whole[: whole.index(struct.pack("<HH", 0x0008, 0x0016) + b"UI")]
    sop_class = raw(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.3.1")
    elements = planted(*outer, *from_image.items(), (0x00080016, sop_class))
    path.write_bytes(head + elements + pixels)
    return path


def bytes_of(element):
    if element.VR == "US":
        return struct.pack("<H", element.value)
    return str(element.value).encode()


def written(path, into: Path):
    dataset = dcmread(path, stop_before_pixels=True)
    allowed = Allowed(Pseudonyms(KEY, patient_of(dataset)), frozenset({NOTICE}), known_codes(()))
    write_clean(deidentified(dataset, allowed), into, PixelCleaner(path, ~OUTSIDE), path)
    return into


def words_in(dataset):
    """Each value of a dataset and of its sequences as text; none of those that pydicom cannot read, which are searched as bytes."""
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception:  # whatever the converter of a planted value raises
            continue
        if element.VR == "SQ":
            for item in element.value:
                yield from words_in(item)
        else:
            yield str(element.value)


def leaks(path: Path):
    """The planted words that are in a file, as bytes in several encodings and in each decoded value."""
    content, decoded = path.read_bytes(), " ".join(words_in(dcmread(path, stop_before_pixels=True))).lower()
    found = {word for word in (MARK, DATE, ROOT) if word.lower() in decoded}
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp500"):
        found |= {word for word in (MARK, DATE, ROOT) if word.encode(encoding) in content or word.lower().encode(encoding) in content}
    return found


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return full_file(tmp_path_factory.mktemp("full") / "full.dcm")


def test_what_is_planted_is_in_the_object_and_in_every_depth_of_it(full):
    tags = list(text_tags())
    assert len(tags) > 2000
    assert leaks(full) == {MARK, DATE, ROOT}
    dataset = dcmread(full, stop_before_pixels=True)
    operator = dataset.OperatorIdentificationSequence[0].PersonIdentificationCodeSequence[0]
    assert operator[0x00080104].value == f"{MARK}00080104"
    assert full.read_bytes().count(MARK.encode()) > 2000 * len(SEQUENCES) * len(NESTED_IN)


def test_nothing_that_is_planted_leaves(full, tmp_path):
    assert leaks(written(full, tmp_path / "out.dcm")) == set()


@pytest.mark.parametrize(
    ("keyword", "vr"), [("ImageComments", "LT"), ("OperatorsName", "PN"), ("PatientBirthDate", "DA"), ("TextValue", "UT")]
)
def test_the_search_finds_one_attribute_that_is_let_through(full, tmp_path, monkeypatch, keyword, vr):
    lists = attributes()
    loose = lists.model_copy(update={"carried": lists.carried | {keyword}, "emptied": lists.emptied - {keyword}})
    monkeypatch.setattr(deidentifier, "attributes", lambda: loose)
    monkeypatch.setattr(values, "CHECKS", {**values.CHECKS, vr: lambda text, _: text})
    assert PLANTED[vr] in leaks(written(full, tmp_path / "out.dcm"))


def test_the_search_finds_a_code_that_is_let_through(full, tmp_path, monkeypatch):
    monkeypatch.setattr(deidentifier, "coded_entry", lambda item, _: item)
    assert MARK in leaks(written(full, tmp_path / "out.dcm"))


def outside(path):
    """The brightest pixel outside the ultrasound, in any frame."""
    return max(int(frame[OUTSIDE].max()) for frame in iter_pixels(path))


def test_text_outside_the_ultrasound_is_black_in_every_frame_and_the_ultrasound_stays(full, tmp_path):
    assert outside(full) > 100
    out = written(full, tmp_path / "out.dcm")
    assert outside(out) == 0
    for before, after in zip(iter_pixels(full), iter_pixels(out), strict=True):
        assert np.array_equal(before[~OUTSIDE], after[~OUTSIDE])


def test_the_search_finds_pixels_that_are_let_through(full, tmp_path, monkeypatch):
    monkeypatch.setattr(PixelCleaner, "frames", PixelCleaner.before)
    assert outside(written(full, tmp_path / "out.dcm")) > 100
