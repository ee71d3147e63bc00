"""Entries about a patient: an impossible one is refused with its reason, a possible one stays as written."""

import json
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.records.exams.context import KINDS, RECORDED, ContextInvalid, Identity, PatientContext

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
NAMES = ["አበበ ቢቂላ", "محمد بن سلمان", "श्रीमती लक्ष्मी", "Nguyễn Thị Minh Khai", "O'Brien-Smith Jr.", "Aïssatou Diallo", "山田・太郎", "می‌نا"]


def identity(**more):
    return Identity.model_validate({"identifier": "P-1", "name": "Name", **more})


def refusal(make, **fields):
    with pytest.raises(ValidationError) as refused:
        make(**fields)
    return str(refused.value)


def context(**fields):
    return PatientContext.model_validate(fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_stays_as_written(name):
    assert identity(name=name).name == unicodedata.normalize("NFC", name)


def test_a_name_is_composed_so_that_it_is_the_same_however_it_was_typed():
    assert identity(name="Ai\u0308ssatou").name == identity(name="Aïssatou").name == "Aïssatou"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Abebe\u202eBikila", "RIGHT-TO-LEFT OVERRIDE"),
        ("Abebe\u2066Bikila", "U+2066"),
        ("Abebe\x00", "U+0000 (a control character) at place 6"),
        ("Abebe\nBikila", "U+000A"),
        ("Abebe\ufeff", "U+FEFF"),
        ("Abebe 2", "DIGIT TWO"),
        ("Abebe^Bikila", "CIRCUMFLEX"),
        ("<b>", "LESS-THAN"),
        ("   ", "a name must have letters"),
        ("", "at least 1 character"),
        ("a" * 10_000, "at most 256"),
    ],
)
def test_a_text_that_is_not_a_name_is_refused_and_the_character_named(name, message):
    assert message in refusal(identity, name=name)


@given(st.text(max_size=300))
def test_any_text_is_a_name_of_letters_or_refused(text):
    try:
        stored = identity(name=text).name
    except ValidationError:
        return
    assert any(character.isalpha() for character in stored)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Nd") for character in stored)
    assert not any("RIGHT-TO-LEFT" in unicodedata.name(character, "") for character in stored)
    assert json.loads(json.dumps(stored)) == stored


@pytest.mark.parametrize("born", ["1984", "1984-03", "1984-03-09", "1890"])
def test_a_birth_date_may_be_a_year_a_month_or_a_day(born):
    assert identity(birth_date=born).person(NOON).birth_date == born


@pytest.mark.parametrize(
    ("born", "message"),
    [("1889", "before 1890"), ("2026-02-30", "day"), ("1984-13", "month"), ("09.03.1984", "YYYY"), ("1984-3", "YYYY"), ("٢٠٠٠", "YYYY")],
)
def test_a_date_that_does_not_exist_is_refused(born, message):
    assert message in refusal(identity, birth_date=born)


@pytest.mark.parametrize("born", ["2090", "2027", "2026-12", "2026-11-26"])
def test_a_birth_date_after_the_appliances_own_time_is_refused(born):
    with pytest.raises(ContextInvalid, match=f"birth date in {born[:4]}"):
        identity(birth_date=born).person(NOON)
    assert identity(birth_date=born).person(NOON.replace(year=2091))


@pytest.mark.parametrize("code", ["", " ", "a\\b", "a\nb", "P\u202e1", "x" * 65])
def test_an_identifier_that_cannot_be_sent_on_is_refused(code):
    assert refusal(identity, identifier=code)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"spo2": {"value": 140, "unit": "%"}}, "spo2: 140 % is not possible"),
        ({"spo2": {"value": 93}}, "unit"),
        ({"spo2": {"value": 93, "unit": ""}}, "unit"),
        ({"temperature": {"value": 101, "unit": "[degF]"}}, "unit of temperature is Cel, not '[degF]'"),
        ({"temperature": {"value": 101, "unit": "Cel"}}, "101 Cel is not possible"),
        ({"pulse": {"value": -1, "unit": "/min"}}, "is not possible"),
        ({"pulse": {"value": "nan", "unit": "/min"}}, "finite"),
        ({"spo2": {"value": 93, "unit": "%", "at": "2026-11-25T12:00:00"}}, "timezone"),
        ({"age_years": -1}, "greater than or equal to 0"),
        ({"age_years": 131}, "less than or equal to 130"),
        ({"complaint": "a\u202eb"}, "RIGHT-TO-LEFT OVERRIDE"),
        ({"complaint": "a" * 1001}, "at most 1000"),
        ({"pregnancy": "maybe"}, "'yes', 'no' or 'unknown'"),
    ],
)
def test_an_impossible_entry_is_refused_with_the_reason(fields, message):
    assert message in refusal(context, **fields)


def test_what_a_newer_program_recorded_is_read_and_preserved_even_beyond_the_limits_of_entry():
    newer = {"spo2": {"value": 5, "unit": "%", "site": "ear"}, "weight": 60}
    read = PatientContext.model_validate(newer, context=RECORDED).model_dump(mode="json")
    assert (read["weight"], read["spo2"]["site"], read["spo2"]["value"]) == (60, "ear", 5)
    assert "is not possible" in refusal(context, **newer)


def test_each_measurement_gets_its_author_and_time():
    at = NOON - timedelta(minutes=5)
    attributed = context(spo2={"value": 93, "unit": "%"}, pulse={"value": 88, "unit": "/min", "at": at, "by": "Hana"}).attributed(
        "sara", NOON
    )
    assert (attributed.spo2.by, attributed.spo2.at) == ("sara", NOON)
    assert (attributed.pulse.by, attributed.pulse.at) == ("Hana", at)
    assert PatientContext.model_validate(attributed.model_dump(mode="json")) == attributed


def test_nothing_is_measured_in_the_future():
    with pytest.raises(ContextInvalid, match="spo2 was taken at"):
        context(spo2={"value": 93, "unit": "%", "at": NOON + timedelta(hours=1)}).attributed("sara", NOON)


@pytest.mark.parametrize("name", KINDS)
def test_the_limits_of_entry_are_inclusive(name):
    kind = KINDS[name]
    for value in (kind.least, kind.most):
        assert context(**{name: {"value": value, "unit": kind.unit}}).measurements[name].value == value


def test_facts_that_are_not_stated_are_unknown():
    nothing = PatientContext()
    assert (nothing.pregnancy, nothing.heart_failure, nothing.measurements, nothing.complaint) == ("unknown", "unknown", {}, "")
