"""The mark of a claimed appliance: any file with its name counts, and each mark has one code that only the appliance can make."""

import pytest

from edge.disk.layout import DataFolder
from edge.records.audit.seal import Seal
from edge.records.people.claim_mark import ClaimMark


@pytest.fixture
def mark(tmp_path):
    return ClaimMark(tmp_path, Seal.of(tmp_path))


def test_a_mark_is_signed_and_only_its_owner_can_read_it(mark, tmp_path):
    assert (mark.present, mark.own) == (False, False)
    mark.put()
    assert (mark.present, mark.own) == (True, True)
    assert DataFolder(tmp_path).claimed.stat().st_mode & 0o077 == 0


def test_each_mark_has_another_code_which_a_person_can_type(mark):
    mark.put()
    first = mark.code
    assert mark.accepts(f" {first.lower().replace('-', ' ')} ")
    assert not any(mark.accepts(wrong) for wrong in ("", "AAAA-AAAA-AAAA", first[:-1], "ß" * 12, "\0"))
    mark.put()
    assert not mark.accepts(first)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"nonce": "x", "signature": ""}', b'{"nonce": 1}', b"\xff" * 20_000])
def test_a_damaged_mark_still_counts_and_has_a_code(mark, tmp_path, content):
    DataFolder(tmp_path).claimed.write_bytes(content)
    assert (mark.present, mark.own) == (True, False)
    assert mark.accepts(mark.code)


def test_a_folder_a_link_and_a_mark_of_another_key_count_as_well(mark, tmp_path):
    DataFolder(tmp_path).claimed.symlink_to("nowhere")
    assert (mark.present, mark.own, mark.accepts(mark.code)) == (True, False, True)
    DataFolder(tmp_path).claimed.unlink()
    DataFolder(tmp_path).claimed.mkdir()
    assert (mark.present, mark.own) == (True, False)
    DataFolder(tmp_path).claimed.rmdir()
    other = tmp_path / "other"
    ClaimMark(tmp_path, Seal.of(other)).put()
    assert (mark.present, mark.own) == (True, False)
    assert mark.code != ClaimMark(tmp_path, Seal.of(other)).code
