"""The doctor over the API."""

from edge.health.doctor import AT_REST, QUESTIONS


def test_every_check_is_stated_also_those_that_were_not_made(client):
    report = client.get("/api/v1/doctor").json()
    assert report["works"] is True
    checks = {check["name"]: check for check in report["checks"]}
    assert list(checks) == list(QUESTIONS)
    assert {name for name, check in checks.items() if check["verdict"] == "not checked"} == set(AT_REST)
    assert "MB free" in checks["data folder"]["detail"]


def test_a_check_that_fails_is_stated_with_its_next_step(client, view):
    (view.settings.data_dir / "file").write_text("")
    view.settings = view.settings.model_copy(update={"data_dir": view.settings.data_dir / "file" / "data"})
    report = client.get("/api/v1/doctor").json()
    assert report["works"] is False
    assert all(check["fix"] for check in report["checks"] if check["verdict"] == "failed")


def test_who_is_not_allowed_to_serve_sees_no_check(crew):
    crew.enrol("nurse", "scan")
    assert crew.browser().get("/api/v1/doctor").status_code == 401
    assert crew.sign_in("nurse").get("/api/v1/doctor").status_code == 403
