"""The forms of an exam: each whole in its place, nothing overwritten, and what is not in them is stated."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from edge.exchange.beams.inverse import NoBeams
from edge.exchange.forms import OVERVIEW, PLACES, Form, FormNotWritten, FormThere, Sources, write_forms


def sources_of(exam, work):
    return Sources(exam, None, lambda: b"k" * 32, work)


def without_recordings(exam):
    """The same exam after retention has removed its clips."""
    zones = tuple(replace(zone, clip=zone.clip and replace(zone.clip, path=None)) for zone in exam.zones)
    return replace(exam, zones=zones, rejected=tuple(replace(clip, path=None) for clip in exam.rejected))


@pytest.fixture(scope="module")
def whole(handed, tmp_path_factory):
    """Every form of the exam, with the forms in the order in which they were written."""
    into, order = tmp_path_factory.mktemp("forms") / "out", []
    return write_forms(tuple(Form), sources_of(handed, into.with_name("work")), into, order.append), into, order


def test_each_form_is_in_its_place_and_each_file_is_named(whole):
    made, into, order = whole
    assert order == list(Form)
    assert {path.name for path in into.iterdir()} == {*PLACES.values(), OVERVIEW}
    there = {path for path in into.rglob("*") if path.is_file() and path.name != OVERVIEW}
    assert there == set(made.files)
    assert not into.with_name("work").exists()


def test_the_bundle_names_the_images_that_were_written_before_it(whole):
    made, into, _ = whole
    bundle = json.loads((into / "fhir.json").read_text())
    (study,) = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "ImagingStudy"]
    stated = {instance["uid"] for series in study["series"] for instance in series["instance"]}
    images = {str(dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in (into / "dicom").iterdir()}
    assert stated
    assert stated <= images
    assert made.objects


def test_a_bundle_alone_names_no_images(handed, tmp_path):
    write_forms([Form.FHIR], sources_of(handed, tmp_path / "work"), tmp_path, str)
    kinds = {entry["resource"]["resourceType"] for entry in json.loads((tmp_path / "fhir.json").read_text())["entry"]}
    assert "DiagnosticReport" in kinds
    assert "ImagingStudy" not in kinds


def test_the_patient_is_not_in_what_has_no_patient(whole, handed):
    _, into, _ = whole
    for place in ("deidentified", "beams"):
        content = b"".join(path.read_bytes() for path in (into / place).iterdir())
        assert handed.exam.patient.name.encode() not in content
        assert handed.exam.patient.identifier.encode() not in content


def test_nothing_is_overwritten_and_then_nothing_is_written(handed, tmp_path):
    (tmp_path / "report.pdf").write_text("mine")
    with pytest.raises(FormThere, match=r"report\.pdf is there already"):
        write_forms([Form.FHIR, Form.PDF], sources_of(handed, tmp_path / "work"), tmp_path, str)
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
    assert (tmp_path / "report.pdf").read_text() == "mine"


def test_recordings_that_are_gone_are_stated(handed, tmp_path):
    made = write_forms([Form.DICOM], sources_of(without_recordings(handed), tmp_path / "work"), tmp_path, str)
    assert {line.split(":")[0] for line in made.missing} >= {f"{zone} clip" for zone in ("L1", "L2", "L3", "R1")}
    assert {each.kind for each in made.objects} == {"report", "document"}


def test_beams_without_a_recording_are_refused(handed, tmp_path):
    with pytest.raises(NoBeams, match="L1: its recording is not on this appliance any more"):
        write_forms([Form.BEAMS], sources_of(without_recordings(handed), tmp_path / "work"), tmp_path, str)


def test_a_place_that_cannot_be_written_is_a_clear_error(handed, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FormNotWritten, match="cannot be written"):
        write_forms([Form.FHIR], sources_of(handed, tmp_path / "work"), tmp_path / "file", str)


def test_every_form_has_a_place_of_its_own():
    assert set(PLACES) == set(Form)
    assert len(set(map(Path, PLACES.values()))) == len(PLACES)
