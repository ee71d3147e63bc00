"""The rules that a worklist and encounters share about a person."""

from dataclasses import dataclass

import pytest

from edge.exchange.person_problems import PERSON_PROBLEMS, clashing, of_two_people, own_problems


@dataclass(frozen=True)
class Somebody:
    patient_id: str = "P-1"
    issuer: str = ""
    name: str = "Diallo^Aïssatou"
    birth_date: str = ""
    sex: str = ""
    problems: tuple = ()


@pytest.mark.parametrize(
    ("person", "problems"),
    [
        (Somebody(), []),
        (Somebody(patient_id="\t"), ["no-id"]),
        (Somebody(patient_id="1\\2", name="A\\B"), ["several-ids", "several-names"]),
        (Somebody(patient_id="1\\2", problems=("characters",)), []),
        (Somebody(patient_id="x" * 65), ["long-id"]),
        (Somebody(patient_id="", problems=("no-id",)), []),
    ],
)
def test_the_problems_of_one_person_are_named_once(person, problems) -> None:
    assert [*own_problems(person)] == problems
    assert set(problems) <= PERSON_PROBLEMS.keys()


def test_two_people_share_an_id_where_what_is_stated_of_both_differs() -> None:
    first, same, other = Somebody(), Somebody(name="DIALLO^AÏSSATOU^^", sex="F"), Somebody(name="Sow")
    assert of_two_people([first, same]) == set()
    assert of_two_people([first, same, other, Somebody("P-2", name="Sow")]) == {0, 1, 2}
    assert of_two_people([first, Somebody(issuer="H2", name="Sow")]) == set()


def test_nothing_clashes_by_an_empty_key() -> None:
    assert clashing(["a", "b"], lambda _: ("",), (str,)) == set()
    assert clashing(["a", "b"], lambda _: ("k",), (str,)) == {0, 1}
