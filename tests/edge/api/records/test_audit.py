"""The audit trail over HTTP: for administrators only, in pages, verified, exported and verified again."""

from datetime import datetime, timedelta, timezone

import pytest

from edge.records.audit.export_check import verify_export

AUDIT = "/api/v1/audit"
NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


@pytest.fixture
def admin(crew):
    return crew.admin


@pytest.fixture
def entries(crew):
    """The number of entries after a hundred were added."""
    with crew.view.store.write() as change:
        for number in range(100):
            entry = change.log(f"operator {number % 3}", "finding.decided", f"finding/{number}", {"decision": "accepted"})
    return entry.seq


def listed(browser, **query):
    """Every entry, page by page."""
    found, cursor = [], {}
    while True:
        page = browser.get(AUDIT, params={**query, **cursor}).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_every_entry_is_listed_once_newest_first(admin, entries):
    found = listed(admin, limit=30)
    assert [each["seq"] for each in found] == list(range(len(found), 0, -1))
    newest = next(each for each in found if each["act"] == "finding.decided")
    assert (newest["seq"], newest["subject"], newest["detail"]) == (entries, "finding/99", {"decision": "accepted"})


def test_entries_are_found_by_actor_act_and_subject(admin, entries):
    assert len(listed(admin, actor="operator 1", limit=10)) == 33
    assert len(listed(admin, act="finding.decided")) == 100
    assert [each["subject"] for each in listed(admin, subject="finding/7")] == ["finding/7"]
    assert listed(admin, act="none") == []


def test_of_an_id_the_beginning_or_the_end_is_enough(admin, crew):
    exam, other = "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a10", "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a11"
    with crew.view.store.write() as change:
        for subject in (f"exam/{exam}", f"exam/{other}", f"finding/{exam}", "model/0192f0c2"):
            change.log("Sara", "x.done", subject)
    found = {part: {each["subject"] for each in listed(admin, subject=f"exam/{part}")} for part in (exam, "2b9a10", "0192f0c2", "a10", "%")}
    assert found == {
        exam: {f"exam/{exam}"},
        "2b9a10": {f"exam/{exam}"},
        "0192f0c2": {f"exam/{exam}", f"exam/{other}"},
        "a10": set(),
        "%": set(),
    }


@pytest.mark.parametrize("cursor", ["eA", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_cursor_of_another_list_is_refused(admin, cursor):
    assert 400 <= admin.get(AUDIT, params={"cursor": cursor}).status_code < 500


def test_the_head_is_signed_and_names_the_newest_entry(admin, crew, entries):
    head = admin.get(f"{AUDIT}/head").json()
    assert head["seq"] >= entries
    assert head["fingerprint"] == crew.view.store.seal.fingerprint


def test_a_broken_trail_is_reported_with_the_entry(admin, crew, entries):
    assert admin.post(f"{AUDIT}/verify").json()["whole"] is True
    with crew.view.store._writing.begin() as connection:
        connection.exec_driver_sql(f"UPDATE audit SET body = 'x' WHERE seq = {entries - 5}")
    found = admin.post(f"{AUDIT}/verify").json()
    assert (found["whole"], found["fault"]["entry"], found["fault"]["wrong"]) == (False, entries - 5, "edited")
    spoilt = next(each for each in listed(admin) if each["seq"] == entries - 5)
    assert (spoilt["actor"], spoilt["detail"]) == (None, None)


def test_an_export_is_streamed_and_intact(admin, entries, tmp_path):
    answer = admin.get(f"{AUDIT}/export", params={"after": 20})
    assert answer.headers["content-type"] == "application/jsonl"
    (tmp_path / "audit.jsonl").write_bytes(answer.content)
    found = verify_export(tmp_path / "audit.jsonl")
    assert (found.verdict.whole, found.after, found.verdict.entries) == (True, 20, found.head.seq - 20)
    assert listed(admin, act="audit.exported")[0]["actor"].startswith("Boss")


def test_an_export_from_beyond_the_end_is_refused_with_the_next_step(admin):
    answer = admin.get(f"{AUDIT}/export", params={"after": 10**9})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_an_administrator_corrects_the_clock_but_not_a_correct_one(admin, crew):
    refused = admin.post("/api/v1/clock/correct")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:sonoedge:clock-not-corrected")
    store = crew.view.store
    right, store.clock.machine_time = store.clock.machine_time, lambda: right() + timedelta(minutes=2)
    with store.write() as change:
        change.log("tester", "x.done", "x", {})
    store.clock.machine_time = right
    done = admin.post("/api/v1/clock/correct").json()
    assert done["now"] < done["latest"]
    assert admin.post(f"{AUDIT}/verify").json()["whole"] is True


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("get", "/head"), ("get", "/export"), ("post", "/verify")])
def test_only_administrators_see_the_trail(crew, method, path):
    crew.enrol("scan", "scan", "interpret", "over-read", "service")
    for browser, status in ((crew.browser(), 401), (crew.sign_in("scan"), 403)):
        assert getattr(browser, method)(AUDIT + path).status_code == status
        assert browser.post("/api/v1/clock/correct").status_code in (401, 403)
