"""Fonts of a report: every script in it has a font, or is named together with the package that brings one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.report.fonts import NOTO, NOTO_CJK, SCRIPTS, called, families_for, missing_scripts, packages_for, scripts_of

NAMES = {
    "ሰላማዊት አበበ": {"ETHIOPIC"},
    "محمد عبد الله": {"ARABIC"},
    "प्रिया कुमारी": {"DEVANAGARI"},
    "Nguyễn Thị Phượng": {"LATIN"},
    "Nguye\u0302\u0303n": {"LATIN"},
    "王小明": {"CJK"},
    "Diallo 12 µg 38 °C": {"LATIN"},
    "12-34": set(),
}


@pytest.mark.parametrize(("name", "scripts"), NAMES.items())
def test_the_scripts_of_a_name_are_known(name, scripts):
    assert scripts_of(name) == scripts


def test_a_script_without_a_font_is_named_with_the_package_that_brings_one():
    assert missing_scripts("Abebe አበበ 王", {"Noto Sans"}) == ("CJK", "ETHIOPIC")
    assert packages_for(("CJK", "ETHIOPIC")) == (NOTO_CJK, NOTO)
    assert called(("CJK", "ETHIOPIC")) == "Chinese or Japanese, Ethiopic"


def test_a_picture_or_an_unknown_sign_is_never_taken_for_something_that_can_be_printed():
    every = {family for families, _ in SCRIPTS.values() for family in families}
    assert missing_scripts("🫁", every)
    assert missing_scripts("\ue000", every) == ("UNNAMED",)
    assert packages_for(missing_scripts("🫁", every)) == ()


def test_latin_is_set_first_and_each_other_script_in_its_own_family():
    families = {"Noto Sans", "Noto Sans Ethiopic", "Noto Sans Arabic"}
    assert families_for("አበበ A", families) == ("Noto Sans", "Noto Sans Ethiopic")


@given(st.text())
def test_any_text_is_answered(text):
    missing = missing_scripts(text, {"Noto Sans"})
    assert set(missing) <= scripts_of(text)
    assert set(packages_for(missing)) <= {NOTO, NOTO_CJK}
