"""The persons behind the recorded patients: somebody who is registered twice is one person, whose clips are similar."""

import re
from collections.abc import Iterable, Iterator, Mapping

from edge.inference.acceptance.table import plain
from edge.records.exams.patients import StoredPatient

WORD = re.compile(r"\w+")


def persons_of(patients: Iterable[StoredPatient]) -> Mapping[str, str]:
    """The person of each patient, by the patient's id. Two patients with one identifier, or with one name, are the same person.

    Names count without their spelling and the order of their words. Birth dates do not tell persons apart, because many are estimates. Two
    persons of one name then count as one: figures that count patients get worse by that, never better.
    """
    first: dict[tuple[str, ...], str] = {}
    person: dict[str, str] = {}
    for patient in patients:
        person[patient.id] = patient.id
        for key in _keys(patient):
            same = person[first.setdefault(key, patient.id)]
            if same != person[patient.id]:
                mine = person[patient.id]
                person = {each: same if of == mine else of for each, of in person.items()}
    return person


def _keys(patient: StoredPatient) -> Iterator[tuple[str, ...]]:
    yield "identifier", plain(patient.issuer), plain(patient.identifier)
    if words := sorted(WORD.findall(plain(patient.name))):
        yield "name", *words
