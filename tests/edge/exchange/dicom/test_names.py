from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread, dcmwrite

from edge.exchange.dicom.names import (
    MOST_IN_NAME,
    age_at,
    age_of_years,
    birth_date,
    character_set,
    family_only,
    long_string,
    part_of_birth_date,
    person_name,
    whole_name,
)

NAMES = ("Abebe Bikila", "Aïssatou Diallo", "ሰላማዊት አበበ", "فاطمة الزهراء", "山田 太郎", "น้ำฝน", "O’Brien-Núñez", "علی‌رضا")
FULL_WIDTH = str.maketrans("＼＾＝", "\\^=")


def sent(name):
    """The name that a peer reads."""
    dataset = Dataset()
    if stated := character_set(name):
        dataset.SpecificCharacterSet = stated
    dataset.PatientName = family_only(name)
    file = BytesIO()
    dcmwrite(file, dataset, little_endian=True, implicit_vr=False)
    file.seek(0)
    return dcmread(file, force=True).PatientName


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_arrives_whole_in_the_family_name(name):
    assert sent(name).family_name == name
    assert not sent(name).given_name
    assert not whole_name(name)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=256).map(str.strip).filter(bool))
def test_no_name_is_lost_whatever_its_characters(name):
    sent_as, arrived = family_only(name), sent(name).family_name
    assert len(sent_as) <= MOST_IN_NAME
    assert (sent_as.count("^"), sent_as.count("=")) == (1, 0)
    whole = arrived.translate(FULL_WIDTH) == name.translate(FULL_WIDTH)
    assert whole or whole_name(name) == name


def test_a_long_name_is_cut_between_words_and_stands_whole_in_the_comment():
    name = "Wolde Giyorgis " * 6 + "Tekle"
    assert name.startswith(person_name(name) + " ")
    assert whole_name(name) == name


def test_a_cut_never_separates_a_mark_from_its_letter():
    assert person_name("x" * 62 + "e\u0301") == "x" * 62
    assert long_string("x" * 15 + "e\u0301", 16) == "x" * 15


def test_ascii_needs_no_character_set_unless_a_delimiter_is_in_it():
    assert not character_set("Abebe Bikila", "")
    assert character_set("Abebe^Bikila") == "ISO_IR 192"
    assert character_set("Abebe Bikila", "Gondär") == "ISO_IR 192"


@pytest.mark.parametrize(("stated", "exact", "rest"), [
    ("1981-03-02", "19810302", ""),
    ("1981-03", "", "1981-03"),
    ("1981", "", "1981"),
    (None, "", ""),
])  # fmt: skip
def test_a_day_of_birth_is_never_invented(stated, exact, rest):
    assert (birth_date(stated), part_of_birth_date(stated)) == (exact, rest)


@pytest.mark.parametrize(("born", "age"), [
    ("1981-12-01", "044Y"),
    ("1981-11-30", "045Y"),
    ("2026-01-31", "009M"),
    ("2026-11-20", "010D"),
    ("1981-03", ""),
])  # fmt: skip
def test_the_age_is_that_on_the_day_of_the_exam(born, age):
    assert age_at(born, date(2026, 11, 30)) == age


@pytest.mark.parametrize(("years", "age"), [(34.9, "034Y"), (1.5, "018M"), (0.5, "006M"), (0.02, "007D"), (0, "000D"), (130, "130Y")])
def test_a_stated_age_has_the_unit_of_its_size(years, age):
    assert age_of_years(years) == age


def test_a_backslash_does_not_split_a_string():
    dataset = Dataset()
    dataset.StudyDescription = long_string("left\\right\nlung")
    assert dataset.StudyDescription == "left＼right lung"
