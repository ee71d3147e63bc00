"""Pseudonyms are the same in each export of a site, and different at another site."""

from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.deidentified.pseudonyms import MOST_DAYS, Pseudonyms, age_of, capped_age

KEY, OTHER = b"k" * 32, b"l" * 32


@given(st.text(max_size=20))
def test_dates_move_back_by_1_to_30_days(patient):
    assert -MOST_DAYS <= Pseudonyms(KEY, patient).days <= -1


def test_all_days_occur():
    assert {Pseudonyms(KEY, str(number)).days for number in range(2000)} == set(range(-30, 0))


def test_the_same_key_gives_the_same_and_another_key_another():
    one, again, other = Pseudonyms(KEY, "p"), Pseudonyms(KEY, "p"), Pseudonyms(OTHER, "p")
    assert (one.name, one.days, one.uid("1.2.3")) == (again.name, again.days, again.uid("1.2.3"))
    assert one.name != other.name
    assert one.uid("1.2.3") != other.uid("1.2.3")


def test_a_uid_of_an_object_does_not_depend_on_its_patient_and_one_of_dicom_stays():
    assert Pseudonyms(KEY, "p").uid("1.2.3") == Pseudonyms(KEY, "q").uid("1.2.3")
    assert Pseudonyms(KEY, "p").uid("1.2.840.10008.5.1.4.1.1.3.1") == "1.2.840.10008.5.1.4.1.1.3.1"
    assert Pseudonyms(KEY, "p").uid("1.2.840.10008.0791234567") != "1.2.840.10008.0791234567"
    assert len(Pseudonyms(KEY, "p").uid("1.2.3")) <= 64


def test_dates_move_across_the_end_of_a_year_and_keep_their_time():
    moving = next(Pseudonyms(KEY, str(number)) for number in range(2000) if Pseudonyms(KEY, str(number)).days == -3)
    assert moving.moved("20270102") == "20261230"
    assert moving.moved("20270102101500.5+0300") == "20261230101500.5+0300"


def test_what_is_no_whole_date_does_not_move():
    moving = Pseudonyms(KEY, "p")
    assert [moving.moved(text) for text in ("2026", "20261301", "today", "", "99991231235959xx")] == [None] * 5


def test_ages_over_89_are_one_group():
    assert [capped_age(text) for text in ("089Y", "090Y", "104Y", "006M", "old")] == ["089Y", "090Y", "090Y", "006M", None]
    assert age_of("19320302", "20260714") == "090Y"
    assert age_of("19810715", "20260714") == "044Y"
    assert age_of("20260101", "20260714") == "006M"
    assert [age_of("1981", "20260714"), age_of("20270101", "20260714")] == [None, None]


def test_the_key_is_not_shown():
    assert "kkk" not in repr(Pseudonyms(KEY, "p"))
