"""The settings over the API: everybody sees them, and who serves the appliance changes those that can change at run time."""

from edge.api.routes import API
from edge.settings import Settings


def test_a_setting_is_changed_and_everything_follows_it(client, view):
    answer = client.patch(f"{API}/settings", json={"site": "Health Centre Three", "jpeg_quality": 50})
    assert answer.status_code == 200
    assert (answer.json()["site"], client.get(f"{API}/settings").json()["jpeg_quality"]) == ("Health Centre Three", 50)
    assert (view.settings.site, view.settings.keep_days) == ("Health Centre Three", 0)


def test_the_changeable_settings_state_their_last_change(client):
    client.patch(f"{API}/settings", json={"site": "Clinic"})
    listed = {each["key"]: each for each in client.get(f"{API}/settings/changeable").json()}
    assert set(listed) == {"site", "keep_days", "free_floor_mb", "jpeg_quality"}
    assert listed["site"]["value"] == "Clinic"
    assert listed["site"]["changed"]["by"]
    assert (listed["keep_days"]["fixed"], listed["keep_days"]["changed"]) == (False, None)


def test_a_setting_that_is_stated_before_the_start_is_refused_with_the_next_step(client, view):
    view.settings = Settings(keep_days=30)
    problem = client.patch(f"{API}/settings", json={"keep_days": 1})
    assert (problem.status_code, problem.json()["type"]) == (409, "urn:sonoedge:setting-fixed")
    assert "settings file" in problem.json()["fix"]
    assert view.settings.keep_days == 30


def test_a_value_that_cannot_be_used_or_a_setting_that_cannot_change_is_refused(client, view):
    for body in ({"jpeg_quality": 0}, {"keep_days": -1}, {"site": "x" * 101}, {"site": "a\nb"}, {"source": "serial:///dev/ttyACM0"}):
        problem = client.patch(f"{API}/settings", json=body)
        assert (problem.status_code, problem.headers["content-type"]) == (422, "application/problem+json"), body
    assert (view.settings.jpeg_quality, view.settings.source) == (85, "")


def test_an_exam_has_the_site_of_its_begin(client):
    client.patch(f"{API}/settings", json={"site": "Clinic One"})
    exam = client.post(f"{API}/exams", json={}).json()
    client.patch(f"{API}/settings", json={"site": "Clinic Two"})
    assert client.get(f"{API}/exams/{exam['id']}").json()["site"] == "Clinic One"
    report = client.get(f"{API}/exams/{exam['id']}/report").json()
    assert {"name": "site", "value": "Clinic One"}.items() <= report["context"][0].items()
