"""What an exam takes over from an entry, exactly as it was scheduled."""

from dataclasses import asdict

import pytest

from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.scheduled import scheduled_of, shown_name, whole_date
from edge.records.exams.order import Order
from edge.records.exams.patients import Person

ENTRY = WorklistEntry(
    patient_id="ID 7/2", issuer="H1", name="አበበ^ሰላማዊት", birth_date="19810302", sex="F", accession="ACC-1", study_uid="2.25.1",
    requested_id="RP-1", requested="US Chest", admission_id="V-17", referrer="Dr^Ref", step_id="SPS-1", step="Lung",
)  # fmt: skip


def test_every_text_is_taken_over_as_it_was_scheduled() -> None:
    scheduled = scheduled_of(ENTRY, "scanned")
    assert scheduled.study_uid == "2.25.1"
    assert scheduled.patient == Person("H1", "ID 7/2", "አበበ ሰላማዊት", "1981-03-02", "female", "አበበ^ሰላማዊት")
    assert scheduled.order == Order(
        **{name: value for name, value in asdict(ENTRY).items() if name in Order.model_fields}, identified_by="scanned"
    )


def test_nothing_of_the_order_is_the_identity_of_the_patient() -> None:
    stated = scheduled_of(ENTRY, "worklist").order.model_dump_json()
    assert not [text for text in (ENTRY.name, ENTRY.patient_id, ENTRY.birth_date, "ሰላማዊት") if text in stated]


def test_an_admission_that_a_person_states_counts_where_none_was_scheduled() -> None:
    without = WorklistEntry(patient_id="P-1", study_uid="2.25.1")
    assert scheduled_of(without, "worklist", "V-99").order.admission_id == "V-99"
    assert scheduled_of(ENTRY, "worklist", "V-99").order.admission_id == "V-17"


@pytest.mark.parametrize(
    ("scheduled", "shown"),
    [
        ("Diallo^Aïssatou", "Diallo Aïssatou"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou 山田 太郎 やまだ たろう"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams John Robert Quincy Rev. B.A. M.Div."),
        ("^^^", ""),
        ("one\u202eeno", "oneeno"),
    ],
)
def test_a_name_is_shown_with_each_component_of_each_group_in_its_order(scheduled, shown) -> None:
    assert shown_name(scheduled) == shown


@pytest.mark.parametrize("scheduled", ["", "1981", "198103", "19810000", "19810230", "1981.03.02", "١٩٨١٠٣٠٢"])
def test_no_part_of_a_date_is_guessed(scheduled) -> None:
    assert whole_date(scheduled) is None
