from dataclasses import replace

import pytest
from pydicom import dcmread

from edge.exchange import codes
from edge.exchange.dicom.report import write_report
from edge.exchange.dicom.written import REPORT
from edge.notice import NOTICE
from tests.edge.exchange.changes import concluded, ordered, preliminary, undecided, with_report, without_images
from tests.edge.exchange.dicom.sr import groups, images_of, name, named, value, walk, weighing, written


@pytest.fixture(scope="module")
def document(handed, tmp_path_factory):
    return written(weighing(handed), tmp_path_factory.mktemp("sr"), images_of(handed))


def test_what_is_returned_names_the_document(handed, tmp_path):
    made = write_report(handed, images_of(handed), tmp_path)
    document = dcmread(made.path)
    assert (made.kind, made.zone, made.frames) == (REPORT, "", 0)
    assert (made.sop_class, made.sop_instance) == (document.SOPClassUID, document.SOPInstanceUID)
    assert (made.series, made.study) == (document.SeriesInstanceUID, handed.exam.study_uid)
    assert [*tmp_path.iterdir()] == [made.path]


def test_the_document_is_a_measurement_report_of_the_chest(document):
    assert document.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert name(document) == "126000"
    assert value(named(document, codes.Code("121058", "DCM", ""))[0]) == codes.US_CHEST.value
    assert document.Modality == "SR"


def test_each_zone_and_each_finding_of_a_zone_has_a_group(document, handed):
    expected = {zone.id for zone in handed.protocol.zones} | {f"{z.zone.id} {f.key}" for z in handed.zones for f in z.findings}
    assert set(groups(document)) == expected
    assert len(expected) == 6 + 4 * 3


def test_a_finding_has_its_site_with_side_and_view(document):
    [site] = named(groups(document)["L2 b_lines"], codes.FINDING_SITE)
    assert value(site) == codes.LUNG.value
    assert {name(child): value(child) for child in site.ContentSequence} == {
        codes.LATERALITY.value: codes.SIDES["left"].value,
        codes.TOPOGRAPHY.value: codes.VIEWS["front"].value,
    }


def test_a_zone_on_the_side_of_the_chest_is_not_called_anterior(document):
    [site] = named(groups(document)["L3"], codes.FINDING_SITE)
    assert {name(child) for child in site.ContentSequence} == {codes.LATERALITY.value}


def test_a_finding_has_the_probability_and_the_algorithm_that_stated_it(document, handed):
    group = groups(document)["L2 b_lines"]
    [chance] = named(group, codes.PROBABILITY)
    assert float(chance.MeasuredValueSequence[0].NumericValue) == 0.9
    [model] = handed.algorithms.values()
    texts = {item.TextValue for item in group.ContentSequence if name(item) in ("111001", "111003", "111002")}
    assert {model.name, model.version, f"sha256 {model.sha256}"} <= texts
    assert any(text.startswith("b_lines present from ") for text in texts)
    assert not any(text.startswith("a_lines") for text in texts)


def changed(document):
    """The group of the finding whose answer a person edited."""
    return next(group for group in groups(document).values() if codes.DECISIONS["edited"].value in map(value, named(group, codes.DECISION)))


def test_the_decision_of_a_person_is_told_apart_from_the_answer_of_the_model(document, handed):
    group = changed(document)
    finding = value(named(group, codes.FINDING)[0])
    [holds] = [item for item in group.ContentSequence if name(item) == finding]
    [model], [decision] = named(group, codes.MODEL_STATES), named(group, codes.DECISION)
    assert (value(model), value(holds)) == (codes.PRESENT.value, codes.ABSENT.value)
    persons = {str(child.PersonName) for item in (holds, decision) for child in item.ContentSequence if child.ValueType == "PNAME"}
    assert persons == {f"{handed.report.signed_by}^"}
    assert "ContentSequence" not in model
    assert decision.ObservationDateTime > model.ObservationDateTime > f"{handed.exam.begun_at:%Y}"


def test_an_answer_without_a_decision_has_no_person(handed, tmp_path):
    open_ = written(undecided(handed), tmp_path)
    assert not any(name(item) == codes.DECISION.value for item in walk(open_))
    assert {str(item.PersonName) for item in walk(open_) if item.ValueType == "PNAME"} == {f"{handed.exam.operator}^"}


def test_what_the_model_cannot_tell_is_not_assessable(document):
    for key in ("b_lines", "a_lines", "severity_2_plus"):
        assert value(named(groups(document)[f"L3 {key}"], codes.MODEL_STATES)[0]) == codes.NEEDS_SPECIALIST.value


def test_a_poor_image_is_another_reason_than_an_unsure_model(handed, tmp_path):
    poor = tuple(
        replace(zone, findings=tuple(replace(finding, reason="quality", verdict="unsure") for finding in zone.findings))
        for zone in handed.zones
    )
    made = written(replace(handed, zones=poor), tmp_path)
    assert value(named(groups(made)["L3 b_lines"], codes.MODEL_STATES)[0]) == codes.POOR_QUALITY.value


@pytest.mark.parametrize(("zone", "why"), [("R2", "skipped"), ("R3", "no reason recorded")])
def test_a_zone_without_images_is_not_performed_with_its_reason_and_never_normal(document, zone, why):
    group = groups(document)[zone]
    assert value(named(group, codes.ZONE_STATED)[0]) == codes.NOT_PERFORMED.value
    assert any(why in item.TextValue for item in named(group, codes.COMMENT))


def test_a_finding_refers_to_the_frames_with_the_most_weight_although_one_was_lost(document, handed):
    [source] = [item for item in groups(document)["L2 b_lines"].ContentSequence if item.ValueType == "IMAGE"]
    reference = source.ReferencedSOPSequence[0]
    [image] = [image for image in images_of(handed) if image.zone == "L2"]
    assert reference.ReferencedSOPInstanceUID == image.sop_instance
    assert [*reference.ReferencedFrameNumber] == [5, 10]


def test_every_image_that_is_referred_to_is_evidence(document):
    evidence = {
        item.ReferencedSOPInstanceUID
        for study in document.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    referred = {item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in walk(document) if item.ValueType == "IMAGE"}
    assert referred == evidence
    assert len(referred) == 4


def test_images_of_a_zone_that_was_taken_again_are_not_referred_to(handed, tmp_path):
    old = [replace(image, superseded=True) for image in images_of(handed)]
    assert not any(item.ValueType == "IMAGE" for item in walk(written(handed, tmp_path, old)))


def test_images_of_a_zone_that_was_taken_again_after_the_report_are_not_referred_to(handed, tmp_path):
    zone = handed.report.zones[1].model_copy(update={"clip": "another.mcap"})
    changed = with_report(handed, zones=(handed.report.zones[0], zone, *handed.report.zones[2:]))
    sources = groups(written(changed, tmp_path, images_of(changed)))["L2 b_lines"].ContentSequence
    assert not any(item.ValueType == "IMAGE" for item in sources)


def test_an_exam_without_any_image_has_a_report_without_references(handed, tmp_path):
    made = written(without_images(handed), tmp_path)
    assert "CurrentRequestedProcedureEvidenceSequence" not in made
    assert len(groups(made)) == 18


def test_the_observers_are_operator_reader_and_appliance(document, handed):
    persons = [str(item.PersonName) for item in document.ContentSequence if item.ValueType == "PNAME"]
    roles = [value(item) for item in document.ContentSequence if name(item) == "121011"]
    assert persons == [f"{handed.exam.operator}^", f"{handed.report.signed_by}^"]
    assert roles == [codes.PERFORMING.value, codes.VERIFYING.value]
    assert [item.TextValue for item in document.ContentSequence if name(item) == "121013"] == [handed.station.name]


def test_a_signed_report_is_verified_by_the_person_who_signed(document, handed):
    assert (document.CompletionFlag, document.VerificationFlag, document.PreliminaryFlag) == ("COMPLETE", "VERIFIED", "FINAL")
    [verifier] = document.VerifyingObserverSequence
    assert str(verifier.VerifyingObserverName) == f"{handed.report.signed_by}^"
    assert verifier.VerifyingOrganization == "Gondar"


def test_a_preliminary_report_is_not_verified(handed, tmp_path):
    made = written(preliminary(handed), tmp_path)
    assert (made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag) == ("COMPLETE", "UNVERIFIED", "PRELIMINARY")
    assert "VerifyingObserverSequence" not in made


def test_an_amended_report_is_another_document_that_names_its_predecessor(handed, tmp_path):
    amended = handed.report.model_copy(update={"number": 2, "status": "amended", "why": "R1 was read again"})
    (tmp_path / "2").mkdir()
    first = written(handed, tmp_path)
    second = written(replace(handed, report=amended, reports=(*handed.reports, amended)), tmp_path / "2")
    [study] = second.PredecessorDocumentsSequence
    [reference] = study.ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert reference.ReferencedSOPInstanceUID == first.SOPInstanceUID != second.SOPInstanceUID
    assert second.SeriesInstanceUID == first.SeriesInstanceUID
    assert any("read again" in item.TextValue for item in named(second, codes.COMMENT))
    assert "PredecessorDocumentsSequence" not in first


def test_the_order_that_the_report_answers_is_in_it(handed, tmp_path):
    (tmp_path / "ordered").mkdir()
    [request] = written(
        ordered(handed, accession="A-9", requested_id="RP-1", requested="Chest"), tmp_path / "ordered"
    ).ReferencedRequestSequence
    assert (request.AccessionNumber, request.RequestedProcedureID, request.RequestedProcedureDescription) == ("A-9", "RP-1", "Chest")
    assert request.StudyInstanceUID == handed.exam.study_uid
    assert "ReferencedRequestSequence" not in written(handed, tmp_path)


def test_the_same_report_gives_the_same_bytes(handed, tmp_path):
    (tmp_path / "again").mkdir()
    first, again = (write_report(handed, images_of(handed), folder).path for folder in (tmp_path, tmp_path / "again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_preliminary_report_that_states_something_else_is_another_document(handed, tmp_path):
    (tmp_path / "2").mkdir()
    draft = preliminary(handed)
    assert written(draft, tmp_path).SOPInstanceUID != written(with_report(draft, sum="7 of 18"), tmp_path / "2").SOPInstanceUID


def test_conclusion_total_quality_and_notice_are_in_the_document(document, handed):
    def texts(code):
        return [item.TextValue for item in named(document, code)]

    assert texts(codes.CONCLUSION) == ["Interstitial syndrome on the left."]
    assert handed.report.sum in texts(codes.TOTAL_SCORE)[0]
    assert texts(codes.IMAGE_QUALITY)[0].startswith("4 of 5 on the scale lung-5")
    assert NOTICE in texts(codes.COMMENT)


def test_a_conclusion_and_names_in_any_script_are_intact(handed, tmp_path):
    said = "ግራ ሳንባ; gauche: œdème; 左肺 B 線"
    exam = with_report(concluded(handed, said), signed_by="ዶክተር አልማዝ")
    made = written(exam, tmp_path)
    assert made.SpecificCharacterSet == "ISO_IR 192"
    assert [item.TextValue for item in named(made, codes.CONCLUSION)] == [said]
    assert str(made.VerifyingObserverSequence[0].VerifyingObserverName) == "ዶክተር አልማዝ^"
    assert str(made.PatientName).startswith("ሰላማዊት አበበ")
