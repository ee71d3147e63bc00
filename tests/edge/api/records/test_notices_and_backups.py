"""Notices and backups over the API."""

import pytest

from edge.people.actor import SHELL_ACTOR
from edge.records.backup.description import backups_in
from edge.records.notices import Notices


@pytest.fixture
def notice(view):
    Notices(view.store).add("clip-absent", "A clip is gone", "Look for it in the backup")
    return view.notices.unseen(SHELL_ACTOR)[0]


def test_every_user_sees_a_notice_until_one_marks_it_as_seen(client, notice):
    (shown,) = client.get("/api/v1/notices").json()["notices"]
    assert (shown["code"], shown["what"], shown["fix"], shown["seen_at"]) == (notice.code, notice.what, notice.fix, None)
    assert client.get("/api/v1/health").json()["notices"] == 1
    seen = client.post(f"/api/v1/notices/{notice.id}/seen")
    assert seen.status_code == 200
    assert seen.json()["seen_by"]
    assert client.get("/api/v1/notices").json()["notices"] == []
    assert client.get("/api/v1/health").json()["notices"] == 0


def test_an_unknown_notice_is_a_problem(client):
    answer = client.post("/api/v1/notices/x/seen")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:sonoedge:record-unknown"


def test_a_backup_is_made_and_listed(client, view, notice):
    made = client.post("/api/v1/backups")
    assert made.status_code == 201
    (backup,) = made.json()["backups"]
    assert client.get("/api/v1/backups").json()["backups"] == [backup]
    (on_disk,) = backups_in(view.settings.data_dir / "backups")
    assert (backup["file"], backup["entries"], backup["sha256"]) == (on_disk.file, on_disk.seq, on_disk.sha256)


def test_a_backup_that_the_disk_refuses_is_a_problem_and_not_a_crash(client, view, notice):
    (view.settings.data_dir / "backups").write_text("a file in its place")
    answer = client.post("/api/v1/backups")
    assert answer.status_code == 507
    assert answer.json()["type"] == "urn:sonoedge:backup-not-made"
    assert "Check that the disk is there" in answer.json()["fix"]
