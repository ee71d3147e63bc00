"""The table of a study is read as it is, or refused with the place of its fault."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.study.table import TableRefused, read_table

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("tables") / "table.csv"


@given(st.lists(st.tuples(CELLS.filter(bool), CELLS), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_every_cell_comes_back_without_the_spaces_around_it(place, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([(" patient ", "sign", "unused"), *((f" {name}", f"{cell} ", "x") for name, cell in rows)])
    place.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    assert [(row["patient"], row["sign"]) for row in read_table(place, ("patient", "sign"))] == rows


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(place, content):
    place.write_bytes(content)
    with suppress(TableRefused):
        assert read_table(place, ("patient",))


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        (b"", "no column patient"),
        (b"name,sign\na,1\n", "no column patient"),
        (b"patient,patient,sign\na,b,1\n", "the column patient twice"),
        (b"patient,sign\n", "no row"),
        (b"patient,sign\na,1\nb\n", "row 3 has 1 cells, and there are 2 columns"),
        (b"patient,sign\n\xff,1\n", "not UTF-8, at byte 13"),
        (b'patient,sign\n"a,1\n', "cannot be read as a table"),
    ],
)
def test_a_faulty_table_is_refused_with_its_place(place, content, stated):
    place.write_bytes(content)
    with pytest.raises(TableRefused, match=stated):
        read_table(place, ("patient", "sign"))


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(TableRefused, match="cannot be read"):
        read_table(tmp_path, ("patient",))
    with pytest.raises(TableRefused, match="cannot be read"):
        read_table(tmp_path / "absent.csv", ("patient",))
