"""Names in any script are taken as they are, and what cannot be seen in one is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from edge.people.names import LONGEST, Name

NAME = TypeAdapter(Name)


@pytest.mark.parametrize("name", ["አልማዝ በቀለ", "فاطمة الزهراء", "अनीता शर्मा", "Nguyễn Thị Ánh", "Aïssatou Diallo", "O'Brien-Łukasz, Dr."])
def test_a_name_in_any_script_is_taken(name):
    assert NAME.validate_python(name) == name


def test_the_same_name_typed_in_two_ways_is_one():
    assert NAME.validate_python(" Nguye\u0302\u0303n ") == "Nguy\u1ec5n"


@pytest.mark.parametrize(
    "name",
    [
        *("", "   ", "a\0b", "Dr. \u202egnorw", "a\u2066b", "two\nlines", "tab\tbed", "x\x1b[31m", "\ufeffa", "\ud800"),
        *("a" * (LONGEST + 1), "a" * 10_000),
    ],
)
def test_a_name_that_is_empty_long_or_holds_what_is_not_shown_is_refused(name):
    with pytest.raises(ValidationError):
        NAME.validate_python(name)
