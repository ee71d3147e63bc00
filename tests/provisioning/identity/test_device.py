"""The key of a device is made once, is whole or absent, and belongs to its owner alone."""

import stat
from itertools import count

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.identity.device import KEY, load_device, make_device


def test_a_second_make_keeps_the_first_key(tmp_path):
    first, second = make_device(tmp_path / "identity"), make_device(tmp_path / "identity")
    assert first.id == second.id == load_device(tmp_path / "identity").id
    assert first.host == f"{first.id.lower()}.local"


def test_only_its_owner_reads_the_key(tmp_path):
    make_device(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600


def test_a_power_cut_leaves_no_key_or_a_whole_one(tmp_path, killed_before):
    cuts = 0
    for number in count(1):
        folder = tmp_path / str(number)
        if not killed_before(number, lambda folder=folder: make_device(folder)):
            break
        cuts += 1
        before = load_device(folder).id if (folder / KEY).exists() else None
        assert make_device(folder).id == (before or load_device(folder).id)
        assert [path.name for path in folder.iterdir()] == [KEY]
    assert cuts >= 6


def test_without_a_key_the_device_is_not_set_up(tmp_path):
    with pytest.raises(ProvisionRefused) as refused:
        load_device(tmp_path)
    assert refused.value.cause == "E-NOT-SET-UP"


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff" * 200_000])
def test_a_damaged_key_is_refused_and_stays(tmp_path, content):
    (tmp_path / KEY).write_bytes(content)
    with pytest.raises(ProvisionRefused) as refused:
        make_device(tmp_path)
    assert refused.value.cause == "E-IDENTITY"
    assert (tmp_path / KEY).read_bytes() == content
