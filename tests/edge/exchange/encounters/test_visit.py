"""One visit: of each field the newest statement holds, and nobody is taken for somebody else."""

from datetime import timedelta

import pytest

from edge.exchange.encounters.adt import changes_of
from edge.exchange.encounters.adt_fields import Stated
from edge.exchange.encounters.visit import ENDED_STAYS, MOST_SEEN, begun, continued, patient_of, same_patient
from edge.exchange.hl7.reading import parsed
from tests.edge.exchange.encounters.messages import MORNING, NOW, adt


def change(*args, **stated):
    return changes_of(parsed(adt(*args, **stated).encode()))[0]


def test_an_older_message_fills_what_is_not_known_and_changes_nothing_else() -> None:
    visit = begun(change("A08", minutes=5, place="", name="New^Name"), NOW)
    after = continued(visit, change("A01", minutes=1, name="Old^Name", place="ICU"), NOW)
    assert (after.encounter.name, after.encounter.place, after.newest()) == ("New^Name", "ICU", MORNING + timedelta(minutes=5))


def test_what_is_known_already_gives_the_same_visit() -> None:
    visit = begun(change("A01"), NOW)
    assert continued(visit, change("A01"), NOW) is visit
    assert visit.with_person(Stated({"name": visit.encounter.name}), MORNING - timedelta(minutes=1)) is visit


def test_the_messages_that_are_remembered_are_few() -> None:
    visit = begun(change("A01"), NOW)
    for minute in range(1, 2 * MOST_SEEN):
        visit = continued(visit, change("A02", minutes=minute, place=f"W{minute}"), NOW)
    assert len(visit.seen) == MOST_SEEN


def test_a_visit_that_ended_is_remembered_for_some_time() -> None:
    visit = begun(change("A03"), NOW)
    assert not visit.lasts(NOW)
    assert visit.remembered(NOW + ENDED_STAYS)
    assert not visit.remembered(NOW + ENDED_STAYS + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("P-1", "A"), ("P-1", "A"), True),
        (("P-1", "A"), ("P-1", ""), True),
        (("P-1", "A"), ("P-1", "B"), False),
        (("P-1", ""), ("P-2", ""), False),
    ],
)
def test_an_issuer_that_is_not_stated_contradicts_nothing(one, other, same) -> None:
    assert same_patient(one, other) is same


@pytest.mark.parametrize(
    "stated",
    [Stated(), Stated({"patient_id": " "}), Stated({"patient_id": "1\\2"}), Stated({"patient_id": "1"}, {"patient_id": "characters"})],
)
def test_a_patient_in_doubt_is_nobody(stated) -> None:
    assert patient_of(stated) is None
