"""The message is read back here by its delimiters alone, and by python-hl7 and hl7apy where they are installed."""

import pytest

from edge.exchange import codes
from edge.exchange.hl7.er7 import unescaped
from edge.exchange.hl7.mllp import framed
from edge.exchange.hl7.oru import oru_of
from edge.notice import NOTICE
from tests.edge.exchange.changes import concluded, named, ordered, preliminary, undecided, with_exam, with_report


def segments(message, name=""):
    lines = [line.split("|") for line in message.decode().split("\r") if line]
    return [line for line in lines if line[0] == name] if name else lines


def observations(message, code):
    """OBX of a code, with the place of its first field at 1."""
    return [line + [""] * (19 - len(line)) for line in segments(message, "OBX") if line[3].startswith(f"{code.value}^")]


def test_the_header_states_type_version_and_character_set(handed):
    [msh] = segments(oru_of(handed), "MSH")
    assert (msh[8], msh[10], msh[11], msh[17]) == ("ORU^R01^ORU_R01", "P", "2.5.1", "UNICODE UTF-8")
    assert 0 < len(msh[9]) <= 20


def test_the_name_of_a_patient_is_intact_in_any_script(handed):
    [pid] = segments(oru_of(handed), "PID")
    assert pid[5] == "ሰላማዊት አበበ"
    assert (pid[3], pid[7], pid[8]) == ("P-0001^^^Gondar", "19810302", "F")


def test_a_name_that_was_scheduled_keeps_its_parts_and_forms(handed):
    [pid] = segments(oru_of(named(handed, "Diallo^Aïssatou^M^Dr^PhD=ዲያሎ^አይሳቱ", "Aïssatou Diallo")), "PID")
    assert pid[5] == "Diallo^Aïssatou^M^PhD^Dr^^^A~ዲያሎ^አይሳቱ^^^^^^I"


def test_a_patient_who_is_not_identified_is_called_so(handed):
    [pid] = segments(oru_of(with_exam(handed, patient=None)), "PID")
    assert pid[5] == "not identified^^^^^^U"
    assert pid[3].startswith(handed.exam.id)


def test_every_zone_is_stated_and_one_without_images_never_as_normal(handed):
    stated = {line[4]: line[5] for line in observations(oru_of(handed), codes.ZONE_STATED)}
    assert set(stated) == {zone.id for zone in handed.protocol.zones}
    assert stated["R2"].startswith(codes.NOT_PERFORMED.value)
    assert stated["R3"].startswith(codes.NOT_PERFORMED.value)


def test_the_reason_for_a_skipped_zone_stands_below_it(handed):
    lines = segments(oru_of(handed))
    place = next(i for i, line in enumerate(lines) if line[0] == "OBX" and line[3].startswith("ZONE_STATED") and line[4] == "R2")
    assert lines[place + 1][0] == "NTE"
    assert "skipped" in lines[place + 1][3]


def test_the_answer_of_the_model_stays_beside_the_decision_of_a_person(handed):
    message = oru_of(handed)
    [changed] = [line for line in observations(message, codes.DECISION) if line[5].startswith("EDITED")]
    sub = changed[4]
    [model] = [line for line in observations(message, codes.MODEL_STATES) if line[4] == sub]
    [holds] = [line for line in segments(message, "OBX") if line[4] == sub and line[3].endswith("^99EDGEUS") and line[3][0] in "BAS"]
    assert model[5].startswith(codes.PRESENT.value)
    assert holds[5].startswith(codes.ABSENT.value)
    assert (model[11], holds[11]) == ("P", "F")
    assert "Dr. Reader" in holds[16]
    assert model[17].startswith("^lung")
    assert not model[16]


def test_what_the_model_cannot_tell_is_coded_as_not_assessable(handed):
    values = [line[5] for line in observations(oru_of(handed), codes.MODEL_STATES) if line[4].startswith("L3.")]
    assert values
    assert {value.partition("^")[0] for value in values} == {codes.NEEDS_SPECIALIST.value}


@pytest.mark.parametrize(("status", "letter"), [("preliminary", "P"), ("final", "F"), ("amended", "C")])
def test_the_status_of_the_report_is_that_of_the_order_and_of_what_holds(handed, status, letter):
    message = oru_of(with_report(handed, status=status))
    assert segments(message, "OBR")[0][25] == letter
    assert {line[11] for line in observations(message, codes.ZONE_STATED)} == {letter}


def test_no_two_observations_have_the_same_code_and_sub_id(handed):
    names = [(line[3], line[4]) for line in segments(oru_of(handed), "OBX")]
    assert len(set(names)) == len(names)


def test_the_reason_of_an_amended_report_stands_below_the_order(handed):
    message = oru_of(with_report(handed, number=2, status="amended", why="R1 was read again"))
    assert "R1 was read again" in segments(message, "NTE")[1][3]


def test_no_abnormal_flag_is_invented(handed):
    assert {line[8] for line in segments(oru_of(handed), "OBX")} == {""}


def test_delimiters_in_a_text_do_not_break_the_message(handed):
    text = "a|b^c~d\\e&f"
    [line] = observations(oru_of(concluded(handed, text)), codes.CONCLUSION)
    assert unescaped(line[5]) == text


def test_each_line_of_a_text_is_a_repetition(handed):
    [line] = observations(oru_of(concluded(handed, "B-lines ~ left\r\n\nrepeat in 2 days")), codes.CONCLUSION)
    assert list(map(unescaped, line[5].split("~"))) == ["B-lines ~ left", "", "repeat in 2 days"]


def test_the_notice_is_with_the_findings(handed):
    message = oru_of(handed)
    assert segments(message, "NTE")[0][3] == NOTICE
    assert NOTICE in [line[5] for line in observations(message, codes.COMMENT)]


def test_measurements_have_their_units_in_ucum(handed):
    [line] = observations(oru_of(handed), codes.VITALS["spo2"])
    assert (line[2], line[5], line[6], line[16]) == ("NM", "91", "%^^UCUM", "^Sara")


def test_an_exam_of_a_simulated_patient_is_sent_as_training(handed):
    assert segments(oru_of(with_exam(handed, simulated=True)), "MSH")[0][10] == "T"


def test_the_same_report_has_the_same_control_id_and_an_amended_one_another(handed):
    def control_id(exam):
        return segments(oru_of(exam), "MSH")[0][9]

    assert control_id(handed) == control_id(handed)
    assert control_id(with_report(handed, number=2)) != control_id(handed)


def test_a_preliminary_report_has_another_control_id_only_where_it_states_something_else(handed):
    def control_id(exam):
        return segments(oru_of(exam), "MSH")[0][9]

    draft = preliminary(handed)
    assert control_id(with_report(draft, made_at=handed.report.begun_at)) == control_id(draft)
    assert control_id(with_report(draft, sum="other")) != control_id(draft)


def test_admission_and_accession_are_sent_where_they_are_known(handed):
    order = {"admission_id": "V|17", "accession": "A-9", "requested_id": "RP", "step_id": "SPS", "referrer": "Tesfaye^Hanna"}
    message = oru_of(ordered(handed, **order))
    assert unescaped(segments(message, "PV1")[0][19]) == "V|17"
    assert segments(message, "OBR")[0][16:21] == ["^Tesfaye^Hanna", "", "A-9", "RP", "SPS"]
    assert segments(oru_of(handed), "PV1") == [["PV1", "1", "U"]]


def test_without_a_decision_what_holds_is_attributed_to_the_model_alone(handed):
    message = oru_of(undecided(handed))
    assert observations(message, codes.DECISION) == []
    [holds] = [line for line in observations(message, codes.FINDINGS["b_lines"]) if line[4] == "L2.1"]
    assert holds[16] == ""
    assert holds[17].startswith("^lung")


def test_a_message_can_be_framed(handed):
    assert framed(oru_of(concluded(handed, "\x0b\x1c\r")))


@pytest.fixture
def peer(missing):
    def imported(name):
        try:
            return __import__(name, fromlist=["parse", "parser"])
        except ImportError:
            return missing(f"the package {name}")

    return imported


@pytest.mark.peers
def test_python_hl7_reads_the_message(handed, peer):
    read = peer("hl7").parse(oru_of(concluded(handed, "a|b^c&d")).decode())
    assert str(read.segment("PID")[5]) == "ሰላማዊት አበበ"
    conclusion = next(line for line in read.segments("OBX") if str(line[3][0][0]) == codes.CONCLUSION.value)
    assert read.unescape(str(conclusion[5])) == "a|b^c&d"


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hl7apy_finds_no_fault_and_finds_one_that_is_made(handed, peer):
    parse = peer("hl7apy.parser").parse_message
    strict = peer("hl7apy.consts").VALIDATION_LEVEL.STRICT
    text = oru_of(handed).decode()
    assert parse(text, validation_level=strict, find_groups=True).validate()
    fault = peer("hl7apy.exceptions").HL7apyException
    with pytest.raises(fault):
        parse(text.replace("OBX|1|", "OBX|1|NOTATYPE|x|", 1), validation_level=strict, find_groups=True).validate()
