"""A bundle is complete whatever interrupts its writer, also on disks that are full, read-only or pulled; nothing is overwritten."""

import os
import subprocess

import pytest

from edge.exchange.stick.content import Content
from edge.exchange.stick.errors import StickForeign, StickRefused
from edge.exchange.stick.signed import KeySigner

NAME = "ሰላማዊት አበበ"
"""Of the patient of a ward."""
CUT = 9
"""Exit status of a writer that was cut."""
FORKS = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
"""Python 3.12 warns of threads; the child uses none of them."""
MOST_CUTS = 400
"""A writer that is cut more often than this never ends."""


def bundle_of(stick):
    (bundle,) = stick.iterdir()
    return bundle


def numbers(folder):
    """Which file has which content: a file that was written again has another number."""
    return {path.name: path.stat().st_ino for path in folder.rglob("*.age")}


def test_what_a_finder_of_the_stick_reads_names_nobody(sender, stick):
    sender.write(stick)
    exam = sender.ward.handed()
    names = (NAME, "P-0001", exam.exam.id, exam.exam.folder, exam.exam.study_uid, "Sara", "Dr. Reader", "blue-6", "1981-03-02")
    for path in (stick, *stick.rglob("*")):
        text = str(path.relative_to(stick)).encode() + (path.read_bytes() if path.is_file() else b"")
        assert [name for name in names if name.encode() in text] == [], path.name


def test_the_summary_states_what_a_person_needs(sender, stick):
    sender.write(stick)
    text = (bundle_of(stick) / "READ-ME.txt").read_text()
    opens = f"sonoedge export open {bundle_of(stick).name} FOLDER --key gondar-radiology.age --board {sender.board}"
    needs = ("1 exam of the board", sender.board, "Gondar", "gondar-radiology", "2026-11-30 at 12:00 UTC", "It is complete", opens)
    for needed in (*needs, "not a diagnosis"):
        assert needed in text


def test_a_second_time_nothing_is_written_again(sender, stick):
    first = sender.write(stick)
    before = numbers(stick)
    again = sender.write(stick)
    assert (list(first.written), first.there, list(again.written), again.there) == ([sender.ward.exam_id], (), [], (sender.ward.exam_id,))
    assert numbers(stick) == before


def test_an_exam_that_changed_is_written_anew_with_its_recordings_as_they_were(own_sender, stick, tmp_path):
    own_sender.write(stick)
    before = numbers(stick)
    ward = own_sender.ward
    ward.reports.amend(ward.reader, ward.exam_id, ward.stored.records.get(ward.exam_id).version, "a word was wrong", conclusion="Clear.")
    assert list(own_sender.write(stick).written) == [ward.exam_id]
    after = numbers(stick)
    recordings = 5
    assert len(before.items() & after.items()) >= recordings
    opened = own_sender.open(bundle_of(stick), tmp_path / "there")
    assert (len(opened.written), opened.refused) == (1, {})
    assert (tmp_path / "there" / opened.written[0] / "report-2.json").exists()
    assert not [path for path in bundle_of(stick).rglob("*.age") if path.name not in after]


def test_an_exam_is_added_to_a_bundle_and_the_earlier_one_stays(sender, stick, tmp_path):
    sender.write(stick)
    other = sender.ward.take(identifier="P-0002")
    sender.write(stick, sender.content(other))
    opened = sender.open(bundle_of(stick), tmp_path / "there")
    assert (len(opened.written), opened.refused) == (2, {})


def test_a_file_that_is_gone_or_changed_on_the_stick_is_written_again(sender, stick, tmp_path):
    sender.write(stick)
    path = max(bundle_of(stick).rglob("*.age"), key=lambda each: each.stat().st_size)
    path.unlink()
    assert list(sender.write(stick).written) == [sender.ward.exam_id]
    assert sender.open(bundle_of(stick), tmp_path / "there").refused == {}


def test_a_recording_that_is_damaged_or_gone_is_stated_and_the_rest_is_written(own_sender, stick, tmp_path):
    content = own_sender.content()
    damaged, gone = (content.wanted.source / f"{zone}.mcap" for zone in ("L1", "L2"))
    damaged.write_bytes(b"something else")
    gone.unlink()
    (missing,) = own_sender.write(stick, content).missing.values()
    assert missing == ("L1.mcap differs from its record", "L2: L2.mcap")
    opened = own_sender.open(bundle_of(stick), tmp_path / "there")
    assert (list(opened.missing.values()), opened.refused) == ([missing], {})
    assert (tmp_path / "there" / opened.written[0] / "L1.mcap").read_bytes() == b"something else"


def test_an_exam_of_which_the_recordings_are_gone_here_stays_on_the_stick_with_them(own_sender, stick, tmp_path):
    own_sender.write(stick)
    before, ward = numbers(stick), own_sender.ward
    for path in own_sender.content().wanted.source.glob("*.mcap"):
        path.unlink()
    ward.reports.amend(ward.reader, ward.exam_id, ward.stored.records.get(ward.exam_id).version, "a word was wrong", conclusion="Clear.")
    written = own_sender.write(stick)
    assert (written.written, written.there) == ({}, (ward.exam_id,))
    assert "recordings of it are gone here" in written.missing[ward.exam_id][0]
    assert numbers(stick) == before


def cut_at(write, number):
    """Writes in a child that is cut at its sync number `number`. Returns whether it was."""
    child = os.fork()
    if child == 0:
        real, count = os.fsync, 0

        def fsync(descriptor):
            nonlocal count
            count += 1
            if count == number:
                os._exit(CUT)
            real(descriptor)

        os.fsync = fsync
        try:
            write()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, CUT)
    return status == CUT


@FORKS
def test_a_writer_that_is_cut_at_each_of_its_syncs_continues_to_the_same_content(sender, tmp_path, files_in, record_property):
    contents = (sender.content(), sender.content(sender.ward.take(identifier="P-0002")))
    (tmp_path / "whole").mkdir()
    sender.write(tmp_path / "whole", *contents)
    sender.open(bundle_of(tmp_path / "whole"), tmp_path / "expected")
    expected = files_in(tmp_path / "expected")
    stick, cuts = tmp_path / "stick", 0
    stick.mkdir()
    while cut_at(lambda: sender.write(stick, *contents), 6):
        cuts += 1
        assert cuts < MOST_CUTS
        complete = numbers(stick)
        if (bundle_of(stick) / "BUNDLE.json").exists():
            assert sender.open(bundle_of(stick), tmp_path / f"after {cuts}").refused == {}
    assert complete.items() <= numbers(stick).items()
    record_property("cuts of a writer of two exams", cuts)
    assert cuts > 10
    assert sender.open(bundle_of(stick), tmp_path / "opened").refused == {}
    assert files_in(tmp_path / "opened") == expected
    assert not [path for path in stick.rglob("*") if path.suffix in (".part", ".new")]


@FORKS
def test_one_cut_at_any_sync_loses_nothing(sender, tmp_path, files_in):
    number = 0
    while True:
        number += 3
        stick = tmp_path / f"stick {number}"
        stick.mkdir()
        if not cut_at(lambda stick=stick: sender.write(stick), number):
            break
        sender.write(stick)
        assert sender.open(bundle_of(stick), tmp_path / f"opened {number}").refused == {}
    found = [files_in(path) for path in tmp_path.glob("opened *")]
    assert len(found) > 5
    assert all(each == found[0] for each in found)


def test_a_stick_that_is_full_keeps_what_is_complete_and_continues_with_more_room(sender, tmp_path, other_disk):
    stick = other_disk(tmp_path / "stick", "size=200k")
    with pytest.raises(StickRefused, match="is full"):
        sender.write(stick)
    complete = numbers(stick)
    assert complete
    assert not list(stick.rglob("*.part"))
    subprocess.run(["mount", "-o", "remount,size=64m", stick], check=True)
    sender.write(stick)
    assert complete.items() <= numbers(stick).items()
    assert sender.open(bundle_of(stick), tmp_path / "there").refused == {}


def test_a_read_only_stick_is_stated(sender, tmp_path, other_disk):
    stick = other_disk(tmp_path / "stick")
    subprocess.run(["mount", "-o", "remount,ro", stick], check=True)
    with pytest.raises(StickRefused, match="read-only"):
        sender.write(stick)


def test_a_stick_that_is_pulled_in_the_middle_leaves_its_mount_point_empty(sender, tmp_path, other_disk):
    stick = other_disk(tmp_path / "stick")

    def pull(*_):
        subprocess.run(["umount", "--lazy", stick], check=False, capture_output=True)

    with pytest.raises(StickRefused, match="is not there"):
        sender.write(stick, progress=pull)
    assert list(stick.iterdir()) == []


def test_the_bundle_of_another_board_or_a_damaged_one_stays_as_it_is(sender, stick, files_in):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    sender.write(stick)
    before = files_in(stick)
    with pytest.raises(StickForeign, match="another board"):
        sender.write(stick, signer=KeySigner(Ed25519PrivateKey.generate()))
    assert files_in(stick) == before
    path = bundle_of(stick) / "BUNDLE.json"
    path.write_bytes(path.read_bytes().replace(b"gondar-radiology", b"harar-radiology!"))
    before = files_in(stick)
    with pytest.raises(StickForeign, match="damaged, or was changed"):
        sender.write(stick)
    assert files_in(stick) == before


@pytest.mark.parametrize("kind", ["file", "link to a folder", "strange file in it"])
def test_what_is_in_the_place_of_the_bundle_stays_as_it_is(sender, stick, tmp_path, kind):
    place = stick / f"sonoedge-{sender.board}-for-{sender.receiver.mark}"
    if kind == "file":
        place.write_text("mine")
    elif kind == "link to a folder":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir()
        (place / "holiday.jpg").write_text("mine")
    with pytest.raises(StickForeign):
        sender.write(stick)
    assert not any((tmp_path / "elsewhere").glob("*"))


def test_two_boards_share_a_stick(sender, stick, tmp_path):
    sender.write(stick)
    sender.write(stick, board="OTHE-RBOA-RDXX-A")
    assert len(list(stick.iterdir())) == 2


def test_objects_that_cannot_be_made_are_stated_and_the_rest_is_written(sender, stick, tmp_path):
    from edge.exchange.stick.errors import BundleRefused

    def fails(_into):
        raise BundleRefused("the images cannot be read", "x")

    content = Content(sender.content().wanted, fails)
    (missing,) = sender.write(stick, content).missing.values()
    assert missing == ("DICOM objects: the images cannot be read. x.",)
    assert sender.open(bundle_of(stick), tmp_path / "there").refused == {}
