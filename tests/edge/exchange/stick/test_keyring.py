"""The keys of receivers on a stick and in the data folder."""

import json
from datetime import timedelta

import pytest

from edge.exchange.stick.keyring import MOST_KEYS, offered_on, remember, remembered
from edge.exchange.stick.receiver import make_receiver
from tests.edge.exchange.stick.conftest import NOW


@pytest.fixture
def made(tmp_path):
    (tmp_path / "keys").mkdir()
    return make_receiver("harar", tmp_path / "keys", NOW)


def test_what_is_remembered_is_read_again_as_it_is_and_twice_is_once(made, tmp_path):
    assert list(remembered(tmp_path / "none")) == []
    for _ in range(2):
        remember(made.receiver, tmp_path / "data" / "receivers")
    assert list(remembered(tmp_path / "data" / "receivers")) == [made.receiver]


def test_a_damaged_file_hides_no_other(made, tmp_path):
    remember(made.receiver, tmp_path / "receivers")
    (tmp_path / "receivers" / "a.json").write_text("{")
    assert list(remembered(tmp_path / "receivers")) == [made.receiver]


def test_keys_at_the_top_of_a_stick_are_offered_and_what_is_none_is_named(made, tmp_path, stick):
    (stick / "harar.receiver.json").write_bytes(made.public.read_bytes())
    changed = json.loads(made.public.read_text())
    changed["stated"]["name"] = "gondar"
    (stick / "gondar.receiver.json").write_text(json.dumps(changed))
    (stick / "secret.receiver.json").write_bytes(made.opens.read_bytes())
    (stick / "folder.receiver.json").mkdir()
    (stick / "notes.json").write_text("{}")
    (stick / "below").mkdir()
    (stick / "below" / "x.receiver.json").write_bytes(made.public.read_bytes())
    offered = offered_on(stick)
    assert offered.receivers == (made.receiver,)
    assert sorted(offered.unusable) == ["folder.receiver.json", "gondar.receiver.json", "secret.receiver.json"]
    assert "is a secret key" in offered.unusable["secret.receiver.json"]


def test_an_expired_key_is_offered_too_because_its_owner_is_shown(tmp_path, stick):
    (tmp_path / "keys").mkdir()
    old = make_receiver("harar", tmp_path / "keys", NOW - timedelta(days=400))
    (stick / "harar.receiver.json").write_bytes(old.public.read_bytes())
    assert offered_on(stick).receivers == (old.receiver,)


def test_a_stick_full_of_files_does_not_take_forever(stick):
    for number in range(2 * MOST_KEYS):
        (stick / f"{number}.receiver.json").write_text("x")
    assert len(offered_on(stick).unusable) == MOST_KEYS


def test_a_stick_that_is_gone_is_an_error(stick):
    with pytest.raises(OSError, match="No such file"):
        offered_on(stick / "gone")
