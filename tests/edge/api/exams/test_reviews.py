"""Reviews through the API: a queue by pages, a review with its version, and nothing of anybody else's before it is saved."""

import pytest

API = "/api/v1"
QUALITY = {"scale": "lung-5", "version": "1.0.0", "value": 1}
NOTHING = {"zones": {}, "quality": QUALITY, "comment": "No zone was taken"}


@pytest.fixture
def people(crew):
    """A trainee and an interpreter, signed in."""
    for badge, role in (("trainee", "scan"), ("reader", "interpret")):
        crew.enrol(badge, role)
    return crew.sign_in("trainee"), crew.sign_in("reader")


@pytest.fixture
def exam(people):
    """One that was ended before any zone was taken."""
    trainee, _ = people
    begun = trainee.post(f"{API}/exams", json={"protocol": "blue-6", "emergency": True}).json()["id"]
    assert trainee.post(f"{API}/exams/{begun}/end").json()["state"] == "preliminary"
    return begun


def test_the_queue_comes_in_pages(people):
    trainee, reader = people
    exams = []
    for _ in range(3):
        exams.append(trainee.post(f"{API}/exams", json={}).json()["id"])
        trainee.post(f"{API}/exams/{exams[-1]}/end")
    seen, cursor = [], ""
    while cursor is not None:
        page = reader.get(f"{API}/reviews/queue?limit=2{cursor and '&cursor='}{cursor}").json()
        assert all(each["simulated"] for each in page["items"])
        seen, cursor = [*seen, *(each["exam"] for each in page["items"])], page["next"]
    assert seen == exams


def test_a_review_is_begun_read_and_saved_once(people, exam):
    _, reader = people
    begun = reader.post(f"{API}/exams/{exam}/reviews")
    assert (begun.status_code, begun.headers["etag"]) == (201, '"1"')
    review = begun.json()
    assert (review["blind"], review["to_read"], review["answer"], review["discordant"]) == (True, {}, None, None)
    assert (review["quality_scale"]["scale"], sorted(review["quality_scale"]["points"])) == ("lung-5", ["1", "2", "3", "4", "5"])
    path = f"{API}/reviews/{review['id']}"
    assert reader.get(path).json() == review
    assert reader.put(path, json=NOTHING).status_code == 428
    assert reader.put(path, json=NOTHING, headers={"If-Match": '"7"'}).status_code == 412
    saved = reader.put(path, json=NOTHING, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    assert (saved.json()["answer"]["comment"], saved.json()["discordant"]) == ("No zone was taken", [])
    assert reader.put(path, json=NOTHING, headers={"If-Match": '"2"'}).status_code == 412


def test_a_review_of_somebody_else_cannot_be_read_or_saved_by_its_id(crew, people, exam):
    _, reader = people
    review = reader.post(f"{API}/exams/{exam}/reviews").json()
    crew.enrol("other", "interpret")
    other = crew.sign_in("other")
    path = f"{API}/reviews/{review['id']}"
    assert other.get(path).status_code == 403
    assert other.put(path, json=NOTHING, headers={"If-Match": '"1"'}).status_code == 403
    assert other.get(f"{API}/exams/{exam}/reviews").json() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"zones": {"L1": {"findings": {"b_lines": "maybe"}}}},
        {"zones": {"L1": {"findings": {}}}},
        {"quality": {"scale": "lung-5", "version": "1.0.0"}},
        {"comment": "x" * 2001},
        {"other": 1},
    ],
)
def test_an_answer_that_cannot_be_is_reported_where(people, exam, wrong):
    _, reader = people
    review = reader.post(f"{API}/exams/{exam}/reviews").json()
    stated = reader.put(f"{API}/reviews/{review['id']}", json={**NOTHING, **wrong}, headers={"If-Match": '"1"'})
    assert stated.status_code == 422
    assert next(iter(wrong)) in stated.json()["detail"]


def test_an_answer_to_what_was_not_recorded_is_refused(people, exam):
    _, reader = people
    review = reader.post(f"{API}/exams/{exam}/reviews").json()
    reported = {**NOTHING, "zones": {"L1": {"findings": {"b_lines": "absent"}}}}
    stated = reader.put(f"{API}/reviews/{review['id']}", json=reported, headers={"If-Match": '"1"'})
    assert (stated.status_code, stated.json()["type"]) == (409, "urn:sonoedge:review-refused")
    assert "L1 was not recorded" in stated.json()["detail"]


def test_an_exam_or_review_that_is_not_there_is_not_found(people):
    _, reader = people
    assert reader.post(f"{API}/exams/none/reviews").status_code == 404
    assert reader.get(f"{API}/exams/none/reviews").status_code == 404
    assert reader.get(f"{API}/reviews/none").status_code == 404
