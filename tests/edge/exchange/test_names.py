import pytest

from edge.exchange.names import NameParts, parts_of, pn_of


@pytest.mark.parametrize(
    ("scheduled", "parts"),
    [
        ("", []),
        ("^^^^", []),
        ("Abebe", [NameParts("A", "Abebe")]),
        ("Diallo^Aïssatou^^Dr^", [NameParts("A", "Diallo", "Aïssatou", "", "Dr", "")]),
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            [NameParts("A", "Yamada", "Tarou"), NameParts("I", "山田", "太郎"), NameParts("P", "やまだ", "たろう")],
        ),
        ("=山田^太郎", [NameParts("I", "山田", "太郎")]),
        ("a^b^c^d^e^f=g=h=i", [NameParts("A", "a", "b", "c", "d", "e"), NameParts("I", "g"), NameParts("P", "h")]),
    ],
)
def test_a_scheduled_name_has_its_parts_in_each_form(scheduled, parts):
    assert [*parts_of(scheduled)] == parts


@pytest.mark.parametrize(
    "name", ["", "Abebe", "Diallo^Aïssatou^^Dr", "Yamada^Tarou=山田^太郎=やまだ^たろう", "=山田^太郎", "==やまだ", "a^b^c^d^e=g"]
)
def test_a_name_that_is_made_from_its_parts_is_the_same(name):
    assert pn_of(parts_of(name)) == name


def test_the_first_of_two_names_in_one_form_counts():
    assert pn_of([NameParts("A", "One"), NameParts("A", "Two"), NameParts("I", "山")]) == "One=山"
