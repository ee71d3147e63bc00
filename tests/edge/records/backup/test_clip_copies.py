"""Copies of clips: each is read back before it counts, existing copies are not made again, and standard tools can check them."""

import resource
import subprocess

import pytest

from edge.records.backup.clip_copies import Copied, check_copies, copy_clips
from edge.records.errors import BackupFailed


@pytest.fixture
def two(data):
    exam = data.exam()
    return data.clip(exam), data.clip(exam, "lower-left")


def test_all_clips_are_copied_once(data, two, tmp_path):
    progress = []
    assert copy_clips(data.store, data.folder, tmp_path / "stick", lambda *at: progress.append(at)) == Copied(2, 0)
    for path in two:
        assert (tmp_path / "stick" / path.relative_to(data.folder)).read_bytes() == path.read_bytes()
    assert progress[-1][0] == progress[-1][1]
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(0, 2)


def test_sha256sum_checks_them_anywhere(data, two, tmp_path):
    copy_clips(data.store, data.folder, tmp_path / "stick")
    checked = subprocess.run(["sha256sum", "-c", "clips.sha256"], cwd=tmp_path / "stick", capture_output=True, text=True, check=True)
    assert checked.stdout.count(": OK") == 2


def test_a_copy_that_was_cut_off_is_made_again(data, two, tmp_path):
    copy_clips(data.store, data.folder, tmp_path / "stick")
    copy = tmp_path / "stick" / two[0].relative_to(data.folder)
    copy.write_bytes(copy.read_bytes()[:100])
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(1, 1)


def test_a_torn_line_of_the_digests_costs_one_copy_and_nothing_else(data, two, tmp_path):
    copy_clips(data.store, data.folder, tmp_path / "stick")
    digests = tmp_path / "stick" / "clips.sha256"
    digests.write_bytes(digests.read_bytes()[:-20])
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(1, 1)
    assert check_copies(tmp_path / "stick") == ()


def test_a_changed_clip_is_not_copied(data, two, tmp_path):
    content = bytearray(two[0].read_bytes())
    content[50] ^= 1
    two[0].write_bytes(content)
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(1, 0, (str(two[0].relative_to(data.folder)),))
    assert not (tmp_path / "stick" / two[0].relative_to(data.folder)).exists()


def test_a_clip_that_is_gone_or_cannot_be_read_is_named_and_the_others_are_copied(data, tmp_path):
    exam = data.exam()
    gone, unreadable, good = (data.clip(exam, zone) for zone in ("upper-right", "lower-left", "lower-right"))
    gone.unlink()
    unreadable.unlink()
    unreadable.mkdir()
    copied = copy_clips(data.store, data.folder, tmp_path / "stick")
    names = [str(path.relative_to(data.folder)) for path in (gone, unreadable, good)]
    assert copied == Copied(1, 0, damaged=(names[1],), absent=(names[0],))
    assert (tmp_path / "stick" / names[2]).read_bytes() == good.read_bytes()
    assert check_copies(tmp_path / "stick") == ()


def test_a_disk_that_refuses_a_copy_is_named_and_the_clip_is_not_blamed(data, two, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (two[0].stat().st_size // 2, limits[1]))
    try:
        with pytest.raises(BackupFailed, match=r"0 clips were copied to .*stick, then: .*File too large") as failed:
            copy_clips(data.store, data.folder, tmp_path / "stick")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "this disk" in failed.value.fix
    assert not [*(tmp_path / "stick").rglob("*.part")]
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(2, 0)


def test_a_disk_that_reads_back_other_bytes_is_named_and_the_clip_is_not_blamed(data, two, tmp_path, monkeypatch):
    monkeypatch.setattr("edge.records.backup.clip_copies.digest_of", lambda _: "0" * 64)
    with pytest.raises(BackupFailed, match="reads back other bytes than were written"):
        copy_clips(data.store, data.folder, tmp_path / "stick")


def test_a_copy_that_is_damaged_or_gone_is_found(data, two, tmp_path):
    copy_clips(data.store, data.folder, tmp_path / "stick")
    first, second = (tmp_path / "stick" / path.relative_to(data.folder) for path in two)
    first.unlink()
    second.write_bytes(b"x")
    assert check_copies(tmp_path / "stick") == tuple(str(path.relative_to(data.folder)) for path in two)


def test_a_missing_disk_is_reported(data, two, tmp_path):
    with pytest.raises(BackupFailed, match="0 clips were copied"):
        copy_clips(data.store, data.folder, tmp_path / "unplugged" / "stick")


@pytest.mark.parametrize("planted", ["exams", "exams/e1", "exams/e1/upper-right.mcap", "clips.sha256"])
def test_a_link_that_was_planted_on_the_stick_is_not_followed(data, two, tmp_path, planted):
    victim = tmp_path / "victim"
    victim.mkdir() if "." not in planted else victim.write_bytes(b"precious")
    link = tmp_path / "stick" / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    with pytest.raises(BackupFailed, match="link"):
        copy_clips(data.store, data.folder, tmp_path / "stick")
    assert list(victim.iterdir()) == [] if victim.is_dir() else victim.read_bytes() == b"precious"


def test_a_planted_link_under_the_unfinished_name_of_a_copy_is_replaced(data, two, tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "stick" / "exams" / "e1").mkdir(parents=True)
    (tmp_path / "stick" / "exams" / "e1" / "upper-right.mcap.part").symlink_to(tmp_path / "victim")
    assert copy_clips(data.store, data.folder, tmp_path / "stick") == Copied(2, 0)
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_digests_that_name_files_elsewhere_are_bad_and_nothing_elsewhere_is_read(tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "stick").mkdir()
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    (tmp_path / "stick" / "clips.sha256").write_text(f"{digest}  ../secret\n")
    assert check_copies(tmp_path / "stick") == ("../secret",)
