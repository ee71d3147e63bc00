"""The queue of differences by its API: what it states, how it is closed and opened again, and what is refused in words of a page."""

import pytest

from edge.notice import NOTICE
from edge.records.ids import new_id
from edge.records.schema import ClipRow, ExamRow, FindingRow

API = "/api/v1"


@pytest.fixture
def people(crew):
    """Somebody who scans, and somebody who over-reads, signed in."""
    crew.enrol("scan", "scan")
    crew.enrol("senior", "over-read", "interpret")
    return crew.sign_in("scan"), crew.sign_in("senior")


@pytest.fixture
def take(people, view):
    """Takes an exam of a real patient in which a person rejected what the model states of B-lines; returns its id."""
    scan, _ = people

    def made(by="Name of scan (scan)"):
        exam = scan.post(f"{API}/exams", json={"protocol": "blue-6", "emergency": True}).json()["id"]
        scan.post(f"{API}/exams/{exam}/end")
        with view.store.write() as change:
            change.session.get_one(ExamRow, exam).simulated = False
            clip = ClipRow(
                id=new_id(), exam_id=exam, zone="L1", file="", sha256="", bytes=0, file_state="whole", first=0, last=1, by="itself",
                overridden=[], quality=80.0, kept_at=change.now,
            )  # fmt: skip
            change.session.add(clip)
            change.session.flush()
            change.session.add(
                FindingRow(
                    id=new_id(),
                    exam_id=exam,
                    clip_id=clip.id,
                    zone="L1",
                    key="b_lines",
                    release="r",
                    probability=0.9,
                    logit=2.0,
                    prediction=["present"],
                    verdict="present",
                    reason="",
                    code="",
                    said_at=change.now,
                    decision="rejected",
                    decided_by=by,
                    decided_at=change.now,
                )
            )
            change.log("test", "exam.changed", f"exam/{exam}")
        return exam

    return made


def listed(browser, **how):
    return browser.get(f"{API}/differences", params=how).json()


def close(browser, item, **more):
    body = {"zone": item["zone"], "finding": item["finding"], "seen": item["seen"], "cause": "perception", **more}
    return browser.post(f"{API}/exams/{item['exam']}/closings", json=body)


def test_a_difference_states_who_said_what(people, take):
    scan, _ = people
    exam = take()
    answer = listed(scan)
    (item,) = answer["items"]
    assert (answer["notice"], answer["next"]) == (NOTICE, None)
    assert (item["exam"], item["zone"], item["finding"], item["kind"]) == (exam, "L1", "b_lines", "opposed")
    assert [(each["by"], each["who"], each["answer"]) for each in item["statements"]] == [
        ("model", "", "present"),
        ("decision", "Name of scan (scan)", "absent"),
    ]
    assert (item["own"], item["closed"], item["closing"]) == (True, False, None)
    assert listed(scan, kind="unsure")["items"] == listed(scan, state="closed")["items"] == []


def test_it_is_closed_by_its_cause_listed_as_closed_and_opened_again(people, take):
    _, senior = people
    take()
    (item,) = listed(senior)["items"]
    done = close(senior, item, note=" a rib ")
    assert (done.status_code, done.json()["closed"]) == (201, True)
    closing = done.json()["closing"]
    assert (closing["cause"], closing["note"], closing["closed_by"]) == ("perception", "a rib", "Name of senior (senior)")
    assert [each["answer"] for each in closing["answers"]] == ["absent", "present"]
    assert listed(senior)["items"] == []
    assert listed(senior, state="closed")["items"] == [done.json()]
    gone = senior.post(f"{API}/closings/{closing['id']}/withdraw", json={"why": "another zone"})
    assert (gone.status_code, gone.json()["why"]) == (200, "another zone")
    (again,) = listed(senior)["items"]
    assert (again["closed"], again["closing"]["withdrawn_by"]) == (False, "Name of senior (senior)")


def test_causes_are_counted_and_small_counts_are_not_stated(people, take):
    _, senior = people
    for _ in range(5):
        take()
    items = listed(senior)["items"]
    for item in items:
        close(senior, item, cause="model")
    take()
    (last,) = listed(senior)["items"]
    close(senior, last, cause="acquisition")
    answer = senior.get(f"{API}/differences/causes").json()
    assert answer["least"] == 5
    assert {each["cause"]: each["count"] for each in answer["causes"]} == {"acquisition": None, "perception": 0, "model": 5, "labelling": 0}
    assert all(each["sentence"] for each in answer["causes"])


def test_the_list_comes_in_pages(people, take):
    _, senior = people
    exams = [take() for _ in range(3)]
    first = listed(senior, limit=2)
    assert [each["exam"] for each in first["items"]] == exams[:0:-1]
    rest = listed(senior, limit=2, cursor=first["next"])
    assert ([each["exam"] for each in rest["items"]], rest["next"]) == ([exams[0]], None)


def test_what_cannot_be_closed_is_refused_with_a_code(people, take):
    scan, senior = people
    exam = take()
    own = take("Name of senior (senior)")
    items = {each["exam"]: each for each in listed(senior)["items"]}
    assert close(scan, items[exam]).status_code == 403
    refused = close(senior, items[own])
    assert (refused.status_code, refused.json()["says"]["code"]) == (422, "difference_own")
    stale = close(senior, {**items[exam], "seen": "0" * 16})
    assert (stale.status_code, stale.json()["says"]["code"]) == (412, "difference_changed")
    closing = close(senior, items[exam]).json()["closing"]
    twice = close(senior, items[exam])
    assert (twice.status_code, twice.json()["says"]["code"]) == (412, "difference_closed")
    silent = senior.post(f"{API}/closings/{closing['id']}/withdraw", json={"why": " "})
    assert (silent.status_code, silent.json()["says"]["code"]) == (422, "closing_no_reason")
    assert senior.post(f"{API}/closings/none/withdraw", json={"why": "x"}).status_code == 404


@pytest.mark.parametrize("more", [{"cause": "weather"}, {"note": "x" * 501}, {"seen": "x" * 17}, {"zone": "x" * 21}, {"colour": "red"}])
def test_what_is_no_closing_is_refused(people, take, more):
    _, senior = people
    take()
    (item,) = listed(senior)["items"]
    assert close(senior, item, **more).status_code == 422
