import pytest

from edge.exchange.names import NameParts, parts_of


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
