import pytest

from tests.edge.exchange.fhir.reading import by_model, of, sent, written


def test_the_study_has_every_object_that_was_written(bundle, handed):
    [study] = of(bundle, "ImagingStudy")
    assert study["identifier"][0]["value"] == f"urn:oid:{handed.exam.study_uid}"
    instances = [instance["uid"] for series in study["series"] for instance in series["instance"]]
    assert instances == [each.sop_instance for each in written(handed)]
    assert [series["modality"]["code"] for series in study["series"]] == ["US", "SR"]


@pytest.mark.parametrize("case", [{"imaging_study": False}, {"images": []}])
def test_a_server_without_studies_and_an_exam_without_images_get_none(handed, case):
    bundle = sent(handed, **case)
    assert not of(bundle, "ImagingStudy")
    assert "imagingStudy" not in of(bundle, "DiagnosticReport")[0]
    assert not [each for each in by_model(bundle) if "derivedFrom" in each]
