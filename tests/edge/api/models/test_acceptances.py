"""The acceptances in the API: who, when, on which machine, with which figures, and why one does not hold."""

from datetime import datetime, timezone

import pytest

from edge.disk.layout import DataFolder
from edge.inference.acceptance.acceptance import Withdrawal
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.release import BUILT_IN, ModelRelease

LIST = "/api/v1/model/acceptances"
AT = datetime(2026, 3, 2, tzinfo=timezone.utc)


@pytest.fixture
def stored(view):
    return Acceptances(DataFolder(view.store.path.parent).acceptances, lambda: view.store.seal)


def test_without_an_acceptance_the_list_is_empty(client):
    answer = client.get(LIST)
    assert (answer.status_code, answer.json()["acceptances"], answer.json()["damaged"]) == (200, [], [])


def test_one_that_holds_states_who_when_where_and_its_figures(client, view, stored, acceptance):
    release = view.models.release
    stored.add(acceptance(release, "GE Vscan Air", until="2200-01-31", labels_read={"blind": 90, "in_view": 10}))
    answer = client.get(LIST).json()
    (found,) = answer["acceptances"]
    assert (found["machine"], found["release"], found["model_sha256"]) == ("GE Vscan Air", release.ident, release.sha256)
    assert (found["by"], found["at"], found["until"]) == ("Hana Girma (hana)", "2026-03-01T09:00:00Z", "2200-01-31")
    assert (found["holds"], found["why"], found["reason"], found["withdrawn"]) == (True, None, "", None)
    assert (found["clips"], found["patients"], found["labels_read"]) == (100, 50, {"blind": 90, "in_view": 10})
    assert [each["key"] for each in found["findings"]] == [label.key for label in release.findings]
    assert found["findings"][0]["figures"]["auc"] == 0.9
    assert answer["notice"] == "research use, not a diagnosis"


def test_one_that_does_not_hold_states_why(client, view, stored, acceptance):
    release = view.models.release
    (other,) = {"lung-m", "lung-s"} - {release.name}
    stored.add(acceptance(release, "GE Vscan Air", 1, until="2026-03-31"))
    stored.add(acceptance(ModelRelease.load(BUILT_IN / other), "GE Vscan Air", 2))
    stored.add(acceptance(release, "Acme Scan", 3))
    stored.withdraw(acceptance(release, "Acme Scan", 3).id, Withdrawal(by="Abebe", at=AT, reason="another probe"))
    found = client.get(LIST).json()["acceptances"]
    assert [(each["holds"], each["why"]) for each in found] == [(False, "expired"), (False, "other release"), (False, "withdrawn")]
    assert found[0]["reason"] == "its last day was 2026-03-31"
    assert (found[2]["withdrawn"]["by"], found[2]["withdrawn"]["reason"]) == ("Abebe", "another probe")


def test_a_file_that_this_appliance_did_not_sign_is_listed_as_damaged(client, view, stored, acceptance):
    path = stored.add(acceptance(view.models.release, "GE Vscan Air"))
    path.write_bytes(path.read_bytes().replace(b"Vscan", b"Vscam"))
    answer = client.get(LIST).json()
    assert answer["acceptances"] == []
    (damaged,) = answer["damaged"]
    assert damaged["file"] == path.name
    assert "not signed by this appliance" in damaged["problem"]
    assert damaged["fix"]
