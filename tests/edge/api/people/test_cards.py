"""The own card over the API: empty at first, and never with anything of another person."""

import json

import pytest

from edge.feedback.charts.skill import DEFAULT
from edge.feedback.people.columns import PersonFound, Trial
from edge.feedback.people.figures import Cards
from edge.feedback.people.judge import cards
from edge.feedback.people.stored import StoredCards
from tests.edge.feedback.people.test_curve import BEGAN

API = "/api/v1"
BADGES = ("anna", "bela", "cora", "dora", "elif", "fern")


def found(number):
    made = PersonFound()
    for patient in range(8):
        made.operator.add(patient, "b_lines", has=patient % 2 == 0, stated=patient % (number + 1) == 0)
        made.operator.trials["blue-6", "b_lines"].append(Trial(f"exam {patient}", BEGAN, "L1", patient == number))
        made.trust.add(patient, 1.0, 1.0)
    made.operator.exams = 8
    pace = made.paces["blue-6"]
    pace.exams = 8
    pace.minutes.extend([3.0 + number] * 8)
    pace.quality.extend([70.0 + number] * 8)
    return made


@pytest.fixture
def people(crew, view):
    ids = {badge: crew.enrol(badge, "scan") for badge in BADGES}
    persons = {ids[badge]: found(number) for number, badge in enumerate(BADGES)}
    made = cards(persons, frozenset(ids.values()), list(range(8)), DEFAULT)
    at = view.store.now()
    StoredCards(view.settings.data.cards).put(Cards(at=at, until=at, cards=made, group=None))
    crew.ids = ids
    return crew


def test_there_is_no_card_at_first(crew):
    crew.enrol("anna", "scan")
    answer = crew.sign_in("anna").get(f"{API}/cards/mine")
    assert answer.status_code == 200
    assert (answer.json()["at"], answer.json()["card"], answer.json()["running"]) == (None, None, False)
    assert "not a diagnosis" in answer.json()["notice"]


def test_the_card_is_the_own_one_beside_the_band_of_the_site(people):
    card = people.sign_in("cora").get(f"{API}/cards/mine").json()["card"]
    assert card["person"] == people.ids["cora"]
    assert card["paces"][0]["minutes"]["median"] == 5.0
    assert card["paces"][0]["site_minutes"] == {"low": 4.0, "median": 5.5, "high": 7.0}


def test_no_id_name_or_badge_of_another_person_is_in_the_answer(people):
    browser = people.sign_in("cora")
    for path in ("cards/mine", f"operators/{people.ids['cora']}/curves"):
        text = browser.get(f"{API}/{path}").text
        json.loads(text)
        others = [each for badge in BADGES if badge != "cora" for each in (badge, f"Name of {badge}", people.ids[badge])]
        assert [each for each in others if each in text] == []


def test_there_is_no_list_and_no_card_of_another(people):
    browser = people.sign_in("cora")
    assert browser.get(f"{API}/cards").status_code == 404
    assert browser.get(f"{API}/cards/{people.ids['anna']}").status_code == 404
    assert browser.get(f"{API}/operators/{people.ids['anna']}/curves").status_code == 403


def test_a_supervisor_gets_the_curve_only(people):
    people.enrol("super", "over-read")
    answer = people.sign_in("super").get(f"{API}/operators/{people.ids['anna']}/curves").json()
    (curve,) = answer["operator"]
    assert (curve["protocol"], curve["finding"], curve["trials"], curve["failed"]) == ("blue-6", "b_lines", 8, 1)
    assert set(answer) == {"operator", "reader", "notice"}
    assert people.ids["anna"] not in json.dumps(answer)
