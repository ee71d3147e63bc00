"""A receiver gets every file as the board recorded it, or learns which exam is damaged, changed, of another board or for another key."""

import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.exam.export import export
from edge.exchange.stick.content import Content
from edge.exchange.stick.errors import BundleRefused
from edge.exchange.stick.forms import Entry, Manifest, SealedFile
from edge.exchange.stick.opening import bundle_in
from edge.exchange.stick.sealed import make_key
from edge.exchange.stick.signed import KeySigner, signed, verified


@pytest.fixture
def bundle(sender, stick):
    return sender.write(stick).bundle


def test_the_exam_has_every_file_of_an_export_to_a_folder(sender, bundle, tmp_path, files_in):
    opened = sender.open(bundle, tmp_path / "opened")
    export(sender.content().wanted, tmp_path / "exported", lambda *_: None)
    assert (len(opened.written), opened.missing, opened.refused) == (1, {}, {})
    assert files_in(tmp_path / "opened") == files_in(tmp_path / "exported")


def test_the_dicom_objects_of_the_exam_are_with_it(sender, stick, tmp_path):
    from edge.exchange.dicom.objects import write_objects

    made = []

    def objects(into):
        written = write_objects(sender.ward.handed(), into)
        made.extend(written)
        return written

    written = sender.write(stick, Content(sender.content().wanted, objects))
    opened = sender.open(written.bundle, tmp_path / "opened")
    (exam,) = (tmp_path / "opened").iterdir()
    assert opened.refused == {}
    assert sorted(path.name for path in (exam / "dicom").iterdir()) == sorted(each.path.name for each in made)
    assert list(sender.work.iterdir()) == []


def test_a_second_time_nothing_is_written_again(sender, bundle, tmp_path):
    first = sender.open(bundle, tmp_path / "opened")
    again = sender.open(bundle, tmp_path / "opened")
    assert (again.written, again.there) == ((), first.written)


def test_an_exam_with_other_files_in_its_place_stays_as_it_is(sender, bundle, tmp_path, files_in):
    (exam,) = sender.open(bundle, tmp_path / "opened").written
    (tmp_path / "opened" / exam / "SHA256SUMS").write_text("mine")
    before = files_in(tmp_path / "opened")
    (why,) = sender.open(bundle, tmp_path / "opened").refused.values()
    assert "exists already, with other files" in why
    assert files_in(tmp_path / "opened") == before


def test_any_flipped_bit_and_any_cut_of_any_file_is_refused_and_no_exam_appears(sender, bundle, tmp_path):
    files = sorted(path for path in bundle.rglob("*") if path.is_file() and path.suffix != ".txt")
    assert len(files) > 6

    @given(path=st.sampled_from(files), part=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
    def check(path, part, bit, cut):
        whole = path.read_bytes()
        at = int(part * len(whole))
        changed = whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        path.write_bytes(changed)
        try:
            opened = sender.open(bundle, tmp_path / "opened")
            assert (opened.written, len(opened.refused)) == ((), 1)
        except BundleRefused:
            pass
        finally:
            path.write_bytes(whole)
        assert not any((tmp_path / "opened").glob("*"))

    check()
    assert sender.open(bundle, tmp_path / "opened").refused == {}


def test_a_file_that_is_gone_or_swapped_is_refused(sender, bundle, tmp_path):
    first, second = sorted(bundle.rglob("*.age"), key=lambda path: path.stat().st_size)[-2:]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    assert len(sender.open(bundle, tmp_path / "opened").refused) == 1
    first.unlink()
    (why,) = sender.open(bundle, tmp_path / "opened").refused.values()
    assert "cannot be read" in why
    first.symlink_to(second)
    assert len(sender.open(bundle, tmp_path / "opened").refused) == 1
    first.unlink()
    first.write_bytes(content)
    assert sender.open(bundle, tmp_path / "opened").refused == {}


def test_one_damaged_exam_does_not_keep_the_others_from_being_opened(sender, stick, tmp_path):
    other = sender.content(sender.ward.take(identifier="P-0002"))
    bundle = sender.write(stick, sender.content(), other).bundle
    max((bundle / other.folder).iterdir(), key=lambda path: path.stat().st_size).write_bytes(b"")
    opened = sender.open(bundle, tmp_path / "opened")
    assert (len(opened.written), list(opened.refused)) == (1, [other.folder])


def test_the_bundle_of_another_board_is_refused(sender, bundle, tmp_path):
    with pytest.raises(BundleRefused, match=f"signed by the board {sender.board}, and not by OTHE"):
        sender.open(bundle, tmp_path / "opened", board="OTHE-RBOA-RDXX-A")


def test_a_bundle_that_another_person_signed_in_the_name_of_the_board_is_refused(sender, bundle, tmp_path):
    from edge.exchange.stick.forms import Statement

    path = bundle / "BUNDLE.json"
    statement, _ = verified(path.read_bytes(), Statement)
    path.write_bytes(signed(statement, KeySigner(Ed25519PrivateKey.generate())))
    with pytest.raises(BundleRefused, match="signed by the board"):
        sender.open(bundle, tmp_path / "opened")


def test_with_another_key_the_receiver_is_named(sender, bundle, tmp_path):
    with pytest.raises(BundleRefused, match="is for gondar-radiology, and this is another key"):
        sender.open(bundle, tmp_path / "opened", secret=make_key()[0])


def test_an_interrupted_receiver_begins_the_exam_again(sender, bundle, tmp_path):
    exam = sender.content().wanted.exam.folder
    (tmp_path / "opened" / f".{exam}.part").mkdir(parents=True)
    (tmp_path / "opened" / f".{exam}.part" / "exam.json").write_text("half")
    assert sender.open(bundle, tmp_path / "opened").written == (exam,)
    assert [path.name for path in (tmp_path / "opened").iterdir()] == [exam]


def test_the_bundle_is_found_on_the_stick_unless_there_are_several(sender, bundle, stick, tmp_path):
    assert bundle_in(stick) == bundle_in(bundle) == bundle
    shutil.copytree(bundle, stick / "sonoedge-copy")
    with pytest.raises(BundleRefused, match="more than one bundle"):
        bundle_in(stick)
    with pytest.raises(BundleRefused, match="no bundle"):
        bundle_in(tmp_path)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../b", "a/b/c", ".x", "", "a//b", "a\n", "a/.b"])
def test_a_name_that_leads_out_of_the_folder_of_an_exam_is_never_used(name):
    facts = {"sealed": f"{'a' * 32}-{'b' * 32}.age", "bytes": 1, "sha256": "0" * 64}
    with pytest.raises(ValidationError):
        SealedFile(name=name, **facts)
    with pytest.raises(ValidationError):
        SealedFile(name="x", **facts | {"sealed": name})
    with pytest.raises(ValidationError):
        Manifest(recipient="", folder="a" * 32, exam="", study_uid="", name=name, files=(), missing=(), notice="")
    with pytest.raises(ValidationError):
        Entry(folder=name, state="a" * 32, manifest=facts["sealed"], sha256="0" * 64, files=())
