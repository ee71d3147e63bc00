"""The keys of a receiver: valid for a time, never overwritten, and a wrong file is named for what it is."""

from datetime import timedelta

import pytest

from edge.disk.keys import KeyUnusable
from edge.exchange.stick.receiver import load_receiver, load_secret, make_receiver
from edge.exchange.stick.sealed import recipient_of
from tests.edge.exchange.stick.conftest import NOW


def test_the_three_files_belong_together_and_only_the_public_one_may_be_read_by_others(keys):
    receiver = load_receiver(keys.public)
    assert receiver == keys.receiver
    assert recipient_of(load_secret(keys.opens)) == receiver.recipient
    assert [path.stat().st_mode & 0o077 for path in (keys.opens, keys.signs)] == [0, 0]


@pytest.mark.parametrize(
    ("days", "match"), [(-1, "is valid from 2026-11-30, and this board's clock states 2026-11-29"), (365, "expired on")]
)
def test_a_key_is_refused_outside_its_time(keys, days, match):
    keys.receiver.require_valid(NOW)
    keys.receiver.require_valid(NOW + timedelta(days=364))
    with pytest.raises(KeyUnusable, match=match):
        keys.receiver.require_valid(NOW + timedelta(days=days))


@pytest.mark.parametrize("end", [".receiver.json", ".age", ".pem"])
def test_no_key_is_overwritten(tmp_path, end):
    (tmp_path / f"ward{end}").write_text("mine")
    with pytest.raises(KeyUnusable, match="exists already"):
        make_receiver("ward", tmp_path, NOW)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "../ward", "a b", "-x", "x" * 100])
def test_a_name_that_is_no_name_of_a_file_is_refused(tmp_path, name):
    with pytest.raises(KeyUnusable, match="not a valid name"):
        make_receiver(name, tmp_path, NOW)


def test_a_folder_that_is_not_there_is_stated(tmp_path):
    with pytest.raises(KeyUnusable, match="cannot take the keys"):
        make_receiver("ward", tmp_path / "absent", NOW)


def test_a_secret_key_in_place_of_the_public_one_is_named(keys):
    for path in (keys.opens, keys.signs):
        with pytest.raises(KeyUnusable, match="is a secret key, and must stay with the receiver"):
            load_receiver(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"age1xyz", b"\xff\xfe", b"[" * 10_000, b'{"stated": 1}'])
def test_what_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(KeyUnusable, match="is not the public key of a receiver"):
        load_receiver(path)
    with pytest.raises(KeyUnusable, match="is not a secret key"):
        load_secret(path)
    with pytest.raises(KeyUnusable, match="cannot be read"):
        load_receiver(tmp_path / "absent")


def test_a_key_of_which_the_end_was_moved_is_refused(keys, tmp_path):
    changed = tmp_path / "x"
    changed.write_bytes(keys.public.read_bytes().replace(b"2027-11-30", b"2037-11-30"))
    with pytest.raises(KeyUnusable, match="is not the public key of a receiver"):
        load_receiver(changed)
