"""Three validators read the bundle. They miss different faults: a broken bundle is found by one of them at least, a good one passes all."""

from dataclasses import replace

import pytest

from tests.edge.exchange.changes import named, ordered, undecided, with_exam
from tests.edge.exchange.fhir.reading import of, sent
from tests.edge.exchange.fhir.validators import all_three

BROKEN = {
    "a status that does not exist": ("DiagnosticReport", lambda report: report.update(status="done")),
    "no code": ("DiagnosticReport", lambda report: report.pop("code")),
    "two values": ("DiagnosticReport", lambda report: report.update(effectiveDateTime="2026-11-30")),
    "an unknown element": ("DiagnosticReport", lambda report: report.update(verdict="clear")),
    "a UID of 66 characters": ("ImagingStudy", lambda study: study["series"][0].update(uid="2." * 32 + "25")),
}


GOOD = {
    "signed": lambda exam: exam,
    "without decisions": undecided,
    "without a patient": lambda exam: with_exam(exam, patient=None),
    "of a visit": lambda exam: named(ordered(exam, admission_id="V-17", accession="A-9"), "Diallo^Aïssatou=ዲያሎ^አይሳቱ", "ሰላማዊት"),
    "without a serial or versions": lambda exam: replace(exam, station=replace(exam.station, serial="", versions=())),
    "simulated, of a model that is gone": lambda exam: with_exam(replace(exam, algorithms={}), simulated=True),
}


@pytest.fixture
def validators(missing):
    """Each gives the faults that it finds in a bundle."""
    return all_three(missing)


@pytest.mark.peers
@pytest.mark.parametrize("variant", GOOD)
def test_three_validators_find_no_fault(handed, validators, variant):
    bundle = sent(GOOD[variant](handed))
    assert [validate(bundle) for validate in validators] == [[], [], []]


@pytest.mark.peers
@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_found_by_one_of_the_validators_at_least(handed, validators, fault):
    bundle = sent(handed)
    kind, spoil = BROKEN[fault]
    spoil(of(bundle, kind)[0])
    found = [validate(bundle) for validate in validators]
    print(f"{fault}: found by {[bool(each) for each in found]}")
    assert any(found)
