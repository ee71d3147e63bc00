"""dciodvfy checks the structured report, and dsrdump prints it."""

from dataclasses import replace

import pytest
from pydicom import dcmread

from edge.exchange.dicom.report import write_report
from edge.notice import NOTICE
from tests.edge.exchange.changes import concluded, ordered, preliminary, undecided, with_exam, with_report, without_images
from tests.edge.exchange.dicom.sr import images_of, weighing

VARIANTS = {
    "signed": weighing,
    "preliminary": preliminary,
    "undecided": undecided,
    "without a patient": lambda exam: with_exam(exam, patient=None),
    "without images": without_images,
    "of an order": lambda exam: ordered(exam, accession="A-9", requested_id="RP-1", requested="Chest"),
    "with delimiters and lines": lambda exam: concluded(exam, "a\\b^c=d\r\ne" + "x" * 2000),
    "without a site or a serial": lambda exam: with_exam(replace(exam, station=replace(exam.station, serial="")), site=""),
    "of a model that is gone": lambda exam: replace(exam, algorithms={}),
    "of long names": lambda exam: with_report(exam, signed_by="x" * 200),
}


@pytest.mark.peers
@pytest.mark.parametrize("variant", VARIANTS)
def test_dciodvfy_finds_no_error(handed, tmp_path, faults_of, variant):
    exam = VARIANTS[variant](handed)
    assert faults_of(write_report(exam, images_of(exam), tmp_path).path) == []


@pytest.mark.peers
def test_dciodvfy_finds_an_error_that_is_made(handed, tmp_path, faults_of):
    made = write_report(handed, images_of(handed), tmp_path)
    broken = dcmread(made.path)
    del broken.CompletionFlag
    broken.save_as(made.path)
    assert faults_of(made.path)


@pytest.mark.peers
def test_dsrdump_prints_the_tree(handed, tmp_path, program):
    path = write_report(weighing(handed), images_of(handed), tmp_path).path
    status, printed = program("dsrdump", "+Pc", "+Pl", path)
    assert status == 0
    assert [line for line in printed.splitlines() if "violates" in line or line.startswith("E:")] == []
    for part in ("126000,DCM", "Left upper BLUE-point", "ሰላማዊት አበበ", NOTICE, 'B-lines"', "Interstitial syndrome on the left."):
        assert part in printed
