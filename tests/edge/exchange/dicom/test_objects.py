import shutil
from dataclasses import replace

import pytest
from pydicom import dcmread

from edge.exchange.dicom.errors import DicomNotWritten, DicomRefused
from edge.exchange.dicom.objects import write_objects
from edge.notice import NOTICE

ORDER = [*["clip"] * 5, "report", "rejected", "review", "document"]
"""Four zones and one that was taken again; without a model release there are no maps."""


@pytest.fixture(scope="module")
def exam(weighed):
    return weighed


@pytest.fixture(scope="module")
def written(exam, tmp_path_factory):
    return write_objects(exam, tmp_path_factory.mktemp("written") / "objects")


def of_kind(written, kind):
    return [each for each in written if each.kind == kind]


def without_recording(exam, zone):
    """The exam whose recording of a zone is not there."""
    gone = [replace(each, clip=replace(each.clip, path=None)) if each.zone.id == zone else each for each in exam.zones]
    return replace(exam, zones=tuple(gone))


def test_objects_come_in_the_order_in_which_they_are_sent(written):
    assert [each.kind for each in written] == ORDER


def test_every_object_is_of_the_exams_study_and_is_what_its_line_says(exam, written):
    for each in written:
        made = dcmread(each.path)
        told = (made.SOPClassUID, made.SOPInstanceUID, made.SeriesInstanceUID, made.StudyInstanceUID)
        assert told == (each.sop_class, each.sop_instance, each.series, each.study)
        assert each.study == exam.exam.study_uid
        assert made.PatientName.family_name == exam.exam.patient.name
        assert made.PatientID == exam.exam.patient.identifier


def test_files_of_the_folder_are_the_objects_and_nothing_else(written):
    assert {each.path for each in written} == set(written[0].path.parent.iterdir())


def test_each_object_is_reported_when_it_is_complete(exam, tmp_path):
    seen = []
    written = write_objects(exam, tmp_path / "objects", progress=lambda each: seen.append((each, each.path.is_file())))
    assert seen == [(each, True) for each in written]


def test_writing_again_gives_the_same_uids(exam, written, tmp_path):
    again = write_objects(exam, tmp_path / "objects")
    assert [each.sop_instance for each in again] == [each.sop_instance for each in written]
    assert [each.series for each in again] == [each.series for each in written]


def test_without_a_model_release_it_is_stated_that_there_are_no_maps(written):
    [missing] = [each for each in written.missing if each.kind == "map"]
    assert "no model release" in missing.why


def test_a_missing_recording_is_stated_and_the_rest_is_written(exam, tmp_path):
    written = write_objects(without_recording(exam, "L2"), tmp_path / "objects")
    [missing] = [each for each in written.missing if each.kind == "clip"]
    assert (missing.zone, "not on this appliance" in missing.why) == ("L2", True)
    assert {each.zone for each in of_kind(written, "clip")} == {"L1", "L3", "R1"}
    assert of_kind(written, "report")


def test_a_recording_that_is_another_one_than_was_read_is_not_sent(exam, tmp_path):
    zone = exam.zones[0]
    path = tmp_path / "L1.mcap"
    shutil.copy(exam.zones[1].clip.path, path)
    swapped = replace(exam, zones=(replace(zone, clip=replace(zone.clip, path=path)), *exam.zones[1:]))
    written = write_objects(swapped, tmp_path / "objects")
    assert [(each.zone, each.kind) for each in written.missing if each.kind == "clip"] == [("L1", "clip")]
    assert not [each for each in of_kind(written, "clip") if each.zone == "L1"]


def test_a_zone_of_which_no_recording_could_be_made_is_stated(exam, tmp_path):
    zone = exam.zones[0]
    unrecorded = replace(zone.clip, path=None, record=replace(zone.clip.record, file=""))
    written = write_objects(replace(exam, zones=(replace(zone, clip=unrecorded), *exam.zones[1:])), tmp_path / "objects")
    assert ("clip", "L1", "no recording was made") in [(each.kind, each.zone, each.why) for each in written.missing]


def test_an_exam_without_any_image_still_has_its_report_and_its_page(exam, tmp_path):
    bare = replace(exam, zones=tuple(replace(zone, clip=None) for zone in exam.zones), rejected=())
    assert [each.kind for each in write_objects(bare, tmp_path / "objects")] == ["report", "document"]


def test_a_folder_with_files_is_refused_and_stays_as_it_is(exam, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DicomRefused, match="holds files"):
        write_objects(exam, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_named(exam, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DicomNotWritten, match="file"):
        write_objects(exam, tmp_path / "file")


@pytest.mark.parametrize(("kind", "title"), [("rejected", "113001"), ("review", "113008")])
def test_key_objects_point_at_their_images_and_at_no_other(written, kind, title):
    [keys] = of_kind(written, kind)
    made = dcmread(keys.path)
    pointed = {item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in made.ContentSequence if item.ValueType == "IMAGE"}
    assert made.ConceptNameCodeSequence[0].CodeValue == title
    assert pointed == {each.sop_instance for each in of_kind(written, "clip") if each.superseded == (kind == "rejected")}


def test_a_second_reading_is_asked_for_with_its_reason(written):
    [keys] = of_kind(written, "review")
    [text] = [item.TextValue for item in dcmread(keys.path).ContentSequence if item.ValueType == "TEXT"]
    assert "novice" in text
    assert NOTICE in text


def test_the_document_is_the_printed_report(written):
    [document] = of_kind(written, "document")
    made = dcmread(document.path)
    page = made.EncapsulatedDocument[: made.EncapsulatedDocumentLength]
    assert page.startswith(b"%PDF")
    assert page.rstrip().endswith(b"%%EOF")
    assert made.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert "final" in made.DocumentTitle


def test_no_file_name_tells_who_the_patient_is(exam, written):
    names = " ".join(each.path.name for each in written)
    assert exam.exam.patient.identifier not in names
    assert exam.exam.id not in names
