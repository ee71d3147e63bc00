"""The keeper: backups when they are due, at the end and on the second disk, and a word when one fails."""

import subprocess
from datetime import timedelta

import pytest

from edge.disk.digest import digest_of
from edge.people.actor import Actor
from edge.people.permission import SHELL
from edge.records.backup.description import backups_in
from edge.records.errors import BackupFailed, RecordsFull
from edge.records.exams.clips import NewClip
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.forms import Step
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.schema import ExamRow
from edge.services.records_keeper import RecordsKeeper
from edge.settings import Settings

STATES = {"record_version": 2, "selected": None, "zones": {}}


@pytest.fixture
def keeper_of(tmp_path, store):
    def make(**stated):
        return RecordsKeeper(store, Notices(store), lambda: Settings(data_dir=tmp_path / "data", **stated))

    return make


def change(store):
    with store.write() as change:
        change.log("tester", "thing.done", "thing")


def test_nothing_is_backed_up_where_nothing_was_recorded(keeper_of, tmp_path):
    keeper_of().look()
    assert backups_in(tmp_path / "data" / "backups") == ()


def test_the_first_change_is_backed_up_at_once_and_the_next_when_it_is_due(keeper_of, store, tmp_path, monkeypatch):
    keeper, folder = keeper_of(), tmp_path / "data" / "backups"
    change(store)
    keeper.look()
    assert len(backups_in(folder)) == 1
    change(store)
    keeper.look()
    assert len(backups_in(folder)) == 1
    monkeypatch.setattr(store.clock, "after", lambda latest: latest + timedelta(hours=2))
    keeper.look()
    assert len(backups_in(folder)) == 2


def test_at_the_end_what_was_changed_is_backed_up_and_no_more(keeper_of, store, tmp_path):
    keeper, folder = keeper_of(), tmp_path / "data" / "backups"
    change(store)
    keeper.look()
    change(store)
    keeper.close()
    keeper.close()
    assert [backup.seq for backup in backups_in(folder)] == [2, 1]


def test_the_second_disk_gets_its_own(keeper_of, store, tmp_path, other_disk):
    stick = other_disk()
    change(store)
    made = keeper_of(backup_dir=stick).back_up(Actor(SHELL, "Abeba"))
    assert [each.folder for each in made] == [tmp_path / "data" / "backups", stick]
    assert made[1].clips is not None
    assert len(backups_in(stick)) == 1
    assert Notices(store).unseen() == ()


@pytest.mark.parametrize("there", [False, True])
def test_a_second_folder_on_the_same_disk_gets_nothing_until_a_person_accepts_it(keeper_of, store, tmp_path, there):
    """The mount point that a pulled stick leaves behind is such a folder."""
    folder, keeper = tmp_path / "stick", keeper_of(backup_dir=tmp_path / "stick")
    if there:
        folder.mkdir()
    change(store)
    with pytest.raises(BackupFailed, match="same disk as the records"):
        keeper.back_up(Actor(SHELL, "Abeba"))
    keeper.look()
    assert not folder.exists() or list(folder.iterdir()) == []
    assert [notice.code for notice in Notices(store).unseen()] == ["backup-not-made"]
    keeper.back_up(Actor(SHELL, "Abeba"), folder, same_disk=True)
    change(store)
    keeper.close()
    assert len(backups_in(folder)) == 2
    assert [notice.code for notice in Notices(store).unseen()] == ["backup-not-made"]


def test_a_folder_on_the_same_disk_that_an_earlier_release_used_stays_in_use_and_a_notice_states_it_once(keeper_of, store, tmp_path):
    folder, keeper = tmp_path / "other", keeper_of(backup_dir=tmp_path / "other")
    change(store)
    keeper.back_up(Actor(SHELL, "Abeba"), folder, same_disk=True)
    (tmp_path / "data" / "backup_same_disk.json").unlink()  # an earlier release stores only where the folder is mounted
    stated = []
    for count in (2, 3):
        change(store)
        keeper.close()
        assert len(backups_in(folder)) == count
        stated.append([(notice.code, "--same-disk" in notice.fix) for notice in Notices(store).unseen()])
        for notice in Notices(store).unseen():
            Notices(store).seen(notice.id, "Abeba")
    assert stated == [[("backup-same-disk", True)], []]


def test_a_clip_that_is_gone_is_reported_once_and_its_backup_is_made(tmp_path):
    folder = tmp_path / "data"
    store = open_records(folder)
    exams = Exams(store)
    text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": "0" * 64, "operator": "nobody"}
    exam = exams.begin("nobody", NewExam(folder="e1", simulated=True, qualified=False, **text), STATES)
    for zone in ("L1", "L2"):
        path = folder / "exams" / "e1" / f"{zone}.mcap"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zone.encode())
        clip = NewClip(zone, path.name, digest_of(path), 2, 1, 2, "itself", (), 80.0)
        exams.keep("nobody", exam.id, Step("zone.kept", {"zone": zone}, STATES), clip, (), simulated=True)
    (folder / "exams" / "e1" / "L1.mcap").unlink()
    keeper = RecordsKeeper(store, Notices(store), lambda: Settings(data_dir=folder, backup_dir=tmp_path / "stick"))
    for _ in range(2):
        assert keeper.back_up(Actor(SHELL, "Abeba"), same_disk=True)[1].clips.absent == ("exams/e1/L1.mcap",)
    assert [(notice.code, notice.what) for notice in Notices(store).unseen()] == [("clip-absent", "The clip e1/L1.mcap is gone")]
    assert (tmp_path / "stick" / "exams" / "e1" / "L2.mcap").read_bytes() == b"L2"
    store.close()


def test_a_second_disk_that_is_not_there_is_reported_once_and_the_first_gets_its_backup(keeper_of, store, tmp_path):
    keeper = keeper_of(backup_dir=tmp_path / "unplugged" / "stick")
    change(store)
    for _ in range(3):
        keeper.look()
    assert [notice.code for notice in Notices(store).unseen()] == ["backup-not-made"]
    assert backups_in(tmp_path / "data" / "backups")
    assert not (tmp_path / "unplugged").exists()


def test_records_that_cannot_be_compared_with_their_clips_are_no_reason_not_to_start(keeper_of, tmp_path):
    (tmp_path / "data" / "exams" / "e").mkdir(parents=True)
    (tmp_path / "data" / "exams" / "e" / "x.mcap").write_bytes(b"x")
    (tmp_path / "data" / "quarantine").write_text("a file where the folder should be")
    assert keeper_of().reconcile().put_aside == 0
    assert (tmp_path / "data" / "exams" / "e" / "x.mcap").exists()


def test_the_empty_mount_point_of_a_pulled_stick_is_not_filled_and_reported_once(keeper_of, store, other_disk):
    stick = other_disk()
    change(store)
    keeper = keeper_of(backup_dir=stick)
    keeper.look()
    assert len(backups_in(stick)) == 1
    subprocess.run(["umount", stick], check=True)
    change(store)
    for _ in range(2):
        keeper.close()
    assert list(stick.iterdir()) == []
    assert "backup-not-made" in [notice.code for notice in Notices(store).unseen()]


def test_a_backup_of_an_older_release_is_followed_by_a_signed_one_at_once(keeper_of, store, tmp_path):
    keeper, folder = keeper_of(), tmp_path / "data" / "backups"
    change(store)
    keeper.look()
    (older,) = backups_in(folder)
    (folder / older.file).with_suffix(".json").write_text(older.model_copy(update={"signature": ""}).model_dump_json())
    keeper.look()
    assert [bool(backup.signature) for backup in backups_in(folder)] == [True, False]


def old_exam(store, folder, days):
    """An exam that was signed and sent this many days ago, with one clip."""
    exams = Exams(store)
    text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": "0" * 64, "operator": "nobody"}
    exam = exams.begin("nobody", NewExam(folder="e1", simulated=True, qualified=False, **text), STATES)
    path = folder / "exams" / "e1" / "L1.mcap"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"clip")
    clip = NewClip("L1", path.name, digest_of(path), 4, 1, 2, "itself", (), 80.0)
    exams.keep("nobody", exam.id, Step("zone.kept", {"zone": "L1"}, STATES), clip, (), simulated=True)
    with store.write() as change:
        row = change.session.get(ExamRow, exam.id)
        row.state, row.ended_at = "final", change.now - timedelta(days=days)
        row.sent_at = row.ended_at
        change.log("tester", "exam.changed", f"exam/{exam.id}")
    return path


def test_a_clock_that_jumps_ahead_removes_no_clip_until_a_person_has_seen_the_notice(tmp_path, store, keeper_of):
    keeper, notices = keeper_of(keep_days=30, free_floor_mb=0), Notices(store)
    path = old_exam(store, tmp_path / "data", days=3)
    keeper.make_room()
    true = store.clock.machine_time
    store.clock.machine_time = lambda: true() + timedelta(days=3650)
    keeper.make_room()
    assert keeper.clock_in_doubt
    change(store)
    again = keeper_of(keep_days=30, free_floor_mb=0)  # a restart with the wrong clock
    again.make_room()
    assert again.free(Actor(SHELL, "Abeba")) == ()
    assert path.exists()
    for notice in notices.unseen():
        notices.seen(notice.id, "Abeba")
    again.make_room()
    assert not path.exists()


def test_a_clip_that_is_really_old_is_removed(tmp_path, store, keeper_of):
    path = old_exam(store, tmp_path / "data", days=60)
    keeper_of(keep_days=30, free_floor_mb=0).make_room()
    assert not path.exists()


def test_in_doubt_clips_still_make_room(tmp_path, store, keeper_of):
    path = old_exam(store, tmp_path / "data", days=3)
    true = store.clock.machine_time
    store.clock.machine_time = lambda: true() + timedelta(days=3650)
    keeper_of(keep_days=30, free_floor_mb=10**9).make_room()
    assert not path.exists()


def test_a_disk_that_takes_writes_again_is_noticed_although_nobody_records_anything(store, keeper_of, monkeypatch):
    def full(*_):
        raise RecordsFull("database or disk is full", "Free some room")

    keeper = keeper_of()
    monkeypatch.setattr(type(store.seal), "sign", full)
    with pytest.raises(RecordsFull):
        change(store)
    keeper.look()
    assert store.refusal is not None
    monkeypatch.undo()
    keeper.look()
    assert store.refusal is None
