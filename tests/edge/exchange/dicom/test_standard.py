"""What programs of other makers think of every kind of object, in every character set and transfer syntax."""

from dataclasses import replace

import pytest
from pydicom import dcmread

from edge.exchange.dicom.objects import write_objects
from edge.exchange.dicom.syntax import COMPACT, LOSSLESS, lossy
from edge.records.exams.order import Order
from tests.edge.exchange.dicom.made import frame, grey

NAMES = {
    "ascii": "Abebe Bikila",
    "amharic": "ሰላማዊት አበበ",
    "arabic": "فاطمة الزهراء",
    "latin": "Aïssatou Núñez",
    "japanese": "山田 太郎",
    "long": "Wolde Giyorgis " * 6 + "Tekle",
}
POLICIES = {"native": LOSSLESS, "jpeg-ls": COMPACT, "jpeg": lossy(90)}
KINDS = {"clip", "map", "report", "rejected", "review", "document"}

pytestmark = pytest.mark.peers


def of(exam, name):
    """The exam of a patient with this name."""
    patient = exam.report.patient.model_copy(update={"name": name})
    stored = exam.exam.model_copy(update={"patient": replace(exam.exam.patient, name=name)})
    return replace(exam, exam=stored, report=exam.report.model_copy(update={"patient": patient}))


@pytest.fixture
def everything(weighed, reader, tmp_path):
    """Writes every object of the exam of a patient with this name."""
    return lambda name, policy: write_objects(of(weighed, name), tmp_path / "objects", policy, reader=reader)


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("script", NAMES)
def test_every_kind_in_every_script_and_syntax_is_without_errors(everything, faults_of, script, policy):
    written = everything(NAMES[script], POLICIES[policy])
    assert {each.kind for each in written} == KINDS
    assert {each.path.name: faults for each in written if (faults := faults_of(each.path))} == {}


@pytest.mark.slow
def test_every_kind_of_a_scheduled_exam_is_without_errors(weighed, reader, tmp_path, faults_of):
    patient = replace(weighed.exam.patient, issuer="site", dicom_name="Abebe^Selamawit=አበበ^ሰላማዊት")
    order = Order(accession="ACC-1", requested_id="RP-1", requested="US", step_id="S-1", step="Lung", admission_id="V-1", referrer="Dr^Ref")
    exam = replace(weighed, exam=weighed.exam.model_copy(update={"patient": patient, "order": order}))
    written = write_objects(exam, tmp_path / "objects", LOSSLESS, reader=reader)
    assert {each.kind for each in written} == KINDS
    assert {each.path.name: faults for each in written if (faults := faults_of(each.path))} == {}


def test_a_still_and_parts_of_a_simulated_clip_are_without_errors(record, write, faults_of, handed):
    simulated = replace(handed, exam=handed.exam.model_copy(update={"simulated": True}))
    clip = record([frame(0), *[frame(number, simulated=True, at_us=number**2 * 1000) for number in range(1, 4)]])
    written = write(clip, exam=simulated)
    assert [each.kind for each in written] == ["still", "clip"]
    assert [faults_of(each.path) for each in written] == [[], []]


def test_a_patient_who_is_not_identified_is_without_errors(record, write, faults_of, handed):
    [written] = write(record([frame(0), frame(1)]), exam=replace(handed, exam=handed.exam.model_copy(update={"patient": None})))
    assert faults_of(written.path) == []


def test_the_validator_finds_an_error_where_there_is_one(record, write, faults_of):
    [written] = write(record([frame(0), frame(1)]))
    broken = dcmread(written.path)
    del broken.FrameIncrementPointer
    broken.save_as(written.path)
    assert faults_of(written.path)


@pytest.mark.parametrize(("policy", "decoder"), [("jpeg-ls", "dcmdjpls"), ("jpeg", "dcmdjpeg")])
def test_dcmtk_decodes_every_frame(record, write, program, policy, decoder):
    [written] = write(record([frame(number) for number in range(5)]), POLICIES[policy])
    plain = written.path.with_name("plain.dcm")
    status, printed = program(decoder, written.path, plain)
    assert status == 0, printed
    pixels = dcmread(plain).pixel_array
    assert pixels.shape == (5, 48, 64)
    if policy == "jpeg-ls":
        assert (pixels == [grey(number) for number in range(5)]).all()


@pytest.mark.parametrize("name", NAMES.values())
def test_dcmtk_reads_the_name_as_it_was_written(weighed, record, write, program, name):
    [written] = write(record([frame(0), frame(1)]), exam=of(weighed, name))
    status, shown = program("dcmdump", "+U8", "+L", "+P", "0010,0010", "+P", "0010,4000", written.path)
    assert status == 0, shown
    assert name in shown
