"""An exam without its patient: each object of it but the document, in a folder that shows nobody."""

import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.pixels.utils import iter_pixels

from edge.disk.layout import DataFolder
from edge.exchange.deidentified.key import site_key
from edge.exchange.deidentified.pixels import NotCleanable, PixelCleaner
from edge.exchange.deidentified.writing import OverviewInside, write_deidentified
from edge.exchange.dicom.objects import write_objects
from tests.edge.exchange.conftest import NAME, STATION

pytestmark = pytest.mark.slow
SECRETS = (NAME, "P-0001", "19810302", "Sara", "Dr. Reader", "Gondar", STATION.name, STATION.serial, "Interstitial")


@pytest.fixture(scope="module")
def named(handed, tmp_path_factory):
    return write_objects(handed, tmp_path_factory.mktemp("named"))


@pytest.fixture(scope="module")
def away(handed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("away")
    return write_deidentified(handed, folder / "out", b"k" * 32, folder / "check.png"), folder


def found_in(paths):
    content = b"".join(path.read_bytes() for path in paths)
    decoded = "".join(str(dcmread(path)) for path in paths if path.suffix == ".dcm")
    return {word for word in SECRETS if any(word.encode(code, "ignore") in content for code in ("utf-8", "utf-16-le")) or word in decoded}


def test_each_object_is_written_but_the_document(away, named):
    written, _ = away
    assert [each.kind for each in written] == [each.kind for each in named if each.kind != "document"]
    assert {each.kind for each in written.missing} >= {"document"}


def test_nothing_of_the_patient_the_people_and_the_place_leaves(away, named):
    written, folder = away
    assert {NAME, "P-0001", "Sara"} <= found_in([each.path for each in named])
    assert found_in([path for path in (folder / "out").rglob("*") if path.is_file()]) == set()
    assert not {each.sop_instance for each in written} & {each.sop_instance for each in named}


def test_the_images_have_their_frames_and_regions(away, named):
    clips = [each for each in away[0] if each.kind == "clip"]
    assert clips
    for each, source in zip(clips, [each for each in named if each.kind == "clip"], strict=True):
        made, before = dcmread(each.path), dcmread(source.path)
        assert made.SequenceOfUltrasoundRegions[0].PhysicalDeltaX == before.SequenceOfUltrasoundRegions[0].PhysicalDeltaX
        assert [frame.shape for frame in iter_pixels(each.path)] == [frame.shape for frame in iter_pixels(source.path)]
        assert any(np.any(frame) for frame in iter_pixels(each.path))


def test_the_same_exam_gives_the_same_again(away, handed, tmp_path):
    again = write_deidentified(handed, tmp_path / "out", b"k" * 32, tmp_path / "check.png")
    assert [(each.study, each.sop_instance) for each in again] == [(each.study, each.sop_instance) for each in away[0]]
    names = {str(dcmread(each.path).PatientID) for each in (*again, *away[0])}
    assert len(names) == 1


@pytest.mark.peers
def test_no_object_has_an_error_in_the_eyes_of_dciodvfy(away, missing):
    program = shutil.which("dciodvfy") or missing("dciodvfy (apt: dicom3tools)")
    said = [subprocess.run([program, each.path], capture_output=True, text=True, check=False).stderr for each in away[0]]
    assert [line for text in said for line in text.splitlines() if line.startswith("Error")] == []


def test_a_person_sees_before_and_after(away):
    _, folder = away
    with Image.open(folder / "check.png") as sheet:
        assert sheet.width > 640
        assert sheet.height >= 320 * sum(each.frames > 0 for each in away[0])
    assert (folder / "check.png").stat().st_mode & 0o777 == 0o600


def test_the_picture_of_before_is_not_given_away(handed, tmp_path):
    with pytest.raises(OverviewInside):
        write_deidentified(handed, tmp_path, b"k" * 32, tmp_path / "deep" / "check.png")
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_cannot_be_cleaned_is_left_out_and_named(handed, tmp_path, monkeypatch):
    def refuse(*_):
        raise NotCleanable("no ultrasound", "Leave it out")

    monkeypatch.setattr(PixelCleaner, "_placed", refuse)
    written = write_deidentified(handed, tmp_path / "out", b"k" * 32, tmp_path / "check.png")
    assert not [each for each in written if each.frames]
    assert any("no ultrasound" in each.why for each in written.missing)


def test_the_key_of_the_site_is_what_it_takes(ward, tmp_path):
    key = site_key(DataFolder(ward.folder).root)
    assert write_deidentified(ward.handed(), tmp_path / "out", key, tmp_path / "check.png")
