"""Names in any script are accepted unchanged; a name with an invisible character is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from edge.people.names import LONGEST, Name

NAME = TypeAdapter(Name)


@pytest.mark.parametrize("name", ["አልማዝ በቀለ", "فاطمة الزهراء", "अनीता शर्मा", "Nguyễn Thị Ánh", "Aïssatou Diallo", "O'Brien-Łukasz, Dr."])
def test_a_name_in_any_script_is_accepted(name):
    assert NAME.validate_python(name) == name


def test_two_ways_to_type_a_name_give_the_same_name():
    assert NAME.validate_python(" Nguye\u0302\u0303n ") == "Nguy\u1ec5n"


@pytest.mark.parametrize(
    "name",
    [
        *("", "   ", "a\0b", "Dr. \u202egnorw", "a\u2066b", "two\nlines", "tab\tbed", "x\x1b[31m", "\ufeffa", "\ud800"),
        *("a" * (LONGEST + 1), "a" * 10_000),
    ],
)
def test_a_name_that_is_empty_too_long_or_has_an_invisible_character_is_refused(name):
    with pytest.raises(ValidationError):
        NAME.validate_python(name)
