"""A list in pages: nothing is repeated or missing while entries are added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.pages import CursorUnreadable, page_of, place


def walk(ids, limit, grow=()):
    """All pages of a list, newest first, while the entries of `grow` are added."""
    shown, cursor, later = [], None, list(grow)
    while True:
        at = place(cursor, limit)
        stored = [each for each in sorted(ids, reverse=True) if at.after is None or each < at.after][: at.fetch]
        page = page_of(stored, at, str.upper, str)
        shown += page.items
        ids = [*ids, *later[:1]]
        later = later[1:]
        cursor = page.next
        if cursor is None:
            return shown


@given(st.sets(st.text("abcdefäአ", min_size=1, max_size=6)), st.integers(1, 7))
def test_pages_together_are_the_list(ids, limit):
    assert walk(list(ids), limit) == [each.upper() for each in sorted(ids, reverse=True)]


def test_entries_added_meanwhile_move_nothing():
    assert walk(["b", "c", "d"], 1, grow=["x", "y"]) == ["D", "C", "B"]


@pytest.mark.parametrize("cursor", ["a", "_____", "gICA"])
def test_an_invalid_cursor_is_refused(cursor):
    with pytest.raises(CursorUnreadable):
        place(cursor, 50)


@pytest.mark.parametrize(
    ("asked", "status"), [("limit=0", 422), ("limit=201", 422), ("limit=200", 200), ("cursor=%00", 422), ("cursor=a", 422)]
)
def test_the_api_refuses_an_invalid_place(crew, asked, status):
    assert crew.admin.get(f"/api/v1/operators?{asked}").status_code == status


def test_operators_come_in_pages(crew):
    ids = [crew.enrol(f"n-{number}") for number in range(4)]
    first = crew.admin.get("/api/v1/operators?limit=3").json()
    assert [each["id"] for each in first["items"]] == ids[:0:-1]
    rest = crew.admin.get(f"/api/v1/operators?limit=3&cursor={first['next']}").json()
    assert [each["badge"] for each in rest["items"]] == ["n-0", "boss"]
    assert rest["next"] is None
