"""What stays of an object is what is known to be safe; references, times and codes of it stay consistent."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword

from edge.exchange.codes import DEIDENTIFIED_BY, FINDING, PRESENT, Code
from edge.exchange.deidentified.attributes import attributes
from edge.exchange.deidentified.coded import coded_entry, known_codes
from edge.exchange.deidentified.dataset import deidentified, patient_of
from edge.exchange.deidentified.pseudonyms import Pseudonyms
from edge.exchange.deidentified.values import BINARY, CHECKS, Allowed
from edge.notice import NOTICE
from tests.edge.exchange.deidentified.objects import IDENTIFIER, coded, described, item_of, report

TABLE = {
    word: action for action, words in yaml.safe_load((Path(__file__).parent / "table_e1_1.yaml").read_bytes()).items() for word in words
}


def clean(dataset, words=(), codes=(), key=b"k" * 32):
    return deidentified(dataset, Allowed(Pseudonyms(key, patient_of(dataset)), frozenset(words), known_codes(codes)))


def date_of(text):
    return datetime.strptime(text, "%Y%m%d")


def test_each_attribute_that_is_carried_exists_and_its_values_are_checked():
    lists = attributes()
    assert all(tag_for_keyword(keyword) for keyword in lists.carried | lists.emptied)
    assert {dictionary_VR(tag_for_keyword(keyword)) for keyword in lists.carried} <= {*BINARY, *CHECKS, "SQ"}


def test_what_the_standard_lists_and_is_carried_has_a_reason():
    lists = attributes()
    reasons = [keyword for words in lists.reasons.values() for keyword in words]
    assert sorted(reasons) == sorted(lists.carried & set(TABLE))
    assert all(TABLE[keyword] in ("U", "X/Z/U*") for keyword in lists.reasons["uid"])
    assert len(TABLE) > 600


def test_the_object_states_how_it_was_deidentified():
    made = clean(described())
    assert (made.PatientIdentityRemoved, made.LongitudinalTemporalInformationModified) == ("YES", "MODIFIED")
    assert [item.CodeValue for item in made.DeidentificationMethodCodeSequence] == [code.value for code in DEIDENTIFIED_BY]
    assert made.SeriesDescription == NOTICE


def test_the_patient_has_a_pseudonym_an_age_and_a_sex():
    made = clean(described())
    assert made.PatientName == made.PatientID != IDENTIFIER
    assert (made.PatientAge, made.PatientSex, made.PatientBirthDate) == ("090Y", "F", None)


def test_operators_and_their_codes_do_not_stay():
    made = clean(described())
    assert not {"OperatorsName", "OperatorIdentificationSequence", "DeviceSerialNumber", "ImageComments"} & set(made.dir())


def test_the_model_of_the_machine_stays_where_it_is_known_to_be_one():
    assert clean(described(), words={"Butterfly"}).Manufacturer == "Butterfly"
    assert "ManufacturerModelName" not in clean(described(), words={"Butterfly"})
    assert clean(described(), words={"iQ3 of Ward 9"}).ManufacturerModelName == "iQ3 of Ward 9"


def test_dates_move_by_the_same_days_and_times_stay():
    source = described()
    source.SeriesDate = "20260715"
    made = clean(source)
    assert made.StudyDate == made.ContentDate != source.StudyDate
    assert date_of(made.SeriesDate) - date_of(made.StudyDate) == timedelta(days=1)
    assert (made.StudyTime, made.ContentTime) == ("101500", "101612.5")


def test_references_between_objects_hold():
    image, key_object = described(), described()
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    key_object.ContentSequence = [item_of("IMAGE", ReferencedSOPSequence=[reference])]
    found = clean(key_object).ContentSequence[0].ReferencedSOPSequence[0]
    made = clean(image)
    assert (found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID) == (made.SOPClassUID, made.SOPInstanceUID)
    assert made.SOPClassUID == image.SOPClassUID
    assert made.SOPInstanceUID != image.SOPInstanceUID
    assert made.SOPInstanceUID != clean(image, key=b"l" * 32).SOPInstanceUID


def test_a_report_keeps_its_codes_and_loses_its_text_and_its_reader():
    made = clean(report())
    assert [item.ValueType for item in made.ContentSequence] == ["CODE"]
    assert made.ContentSequence[0].ConceptCodeSequence[0].CodeMeaning == PRESENT.meaning
    assert made.VerifyingObserverSequence[0].VerifyingObserverName == "removed"
    assert made.VerifyingObserverSequence[0].VerificationDateTime[8:] == "1100"
    assert "Reader" not in str(made)


def test_text_in_a_report_stays_where_it_is_a_known_word():
    source = report()
    source.ContentSequence = [item_of("TEXT", TextValue="lung-m"), item_of("TEXT", TextValue="lung-m, seen by Sara")]
    assert [item.TextValue for item in clean(source, words={"lung-m"}).ContentSequence] == ["lung-m"]


def test_a_code_has_the_meaning_that_is_published_whatever_the_object_states():
    lying = coded(Code(FINDING.value, FINDING.scheme, "Selamawit"))
    assert coded_entry(lying, known_codes(())).CodeMeaning == "Finding"
    assert coded_entry(coded(Code("OP-017", "99LOCAL", "Sara")), known_codes(())) is None
    own = Code("L1", "99EDGEUS", "Left front")
    assert coded_entry(coded(own), known_codes([own])).CodeMeaning == "Left front"


def test_patients_without_an_identifier_are_not_taken_for_one():
    one, other = described(), described()
    one.PatientID = other.PatientID = ""
    other.StudyInstanceUID = "2.25.2002"
    assert clean(one).PatientID != clean(other).PatientID


def test_the_same_identifier_of_another_issuer_is_another_patient():
    one, other = described(), described()
    other.IssuerOfPatientID = "Gondar"
    assert clean(one).PatientID != clean(other).PatientID


@pytest.mark.parametrize("value", ["SELAMAWIT", "P0001"])
def test_a_code_string_that_is_no_term_of_dicom_does_not_stay(value):
    source = described()
    source.ImageType, source.ImageLaterality = ["ORIGINAL", value], value
    assert not {"ImageType", "ImageLaterality"} & set(clean(source).dir())


def test_the_mark_of_a_simulation_stays():
    source = described()
    source.QualityControlImage = source.QualityControlSubject = "YES"
    made = clean(source)
    assert (made.QualityControlImage, made.QualityControlSubject) == ("YES", "YES")
