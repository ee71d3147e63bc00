"""Key files of a publisher."""

import stat

import pytest

from edge.disk.keys import KeyUnusable
from provisioning.release.keys import key_files, make_key, make_keys, signer


def test_a_set_of_keys(tmp_path):
    make_keys(tmp_path, ["models", "boards-pi5"])
    names = [path.stem for path in sorted(tmp_path.iterdir())]
    assert names == [
        "boards-pi5-1",
        "models-1",
        *(f"root-{number}" for number in (1, 2, 3)),
        "snapshot-1",
        *(f"targets-{number}" for number in (1, 2, 3)),
        "timestamp-1",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert len({signer(path).public_key.keyid for path in tmp_path.iterdir()}) == 10


def test_no_key_is_overwritten(tmp_path):
    path = make_key(tmp_path, "root", 1)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make_keys(tmp_path)
    assert path.read_bytes() == before


def test_the_keys_of_one_role_only(tmp_path):
    make_keys(tmp_path, ["sites-a", "sites-a-b"])
    assert [path.stem for path in key_files(tmp_path, "sites-a")] == ["sites-a-1"]


def test_a_file_that_is_no_key(tmp_path):
    (tmp_path / "root-1.pem").write_text("no key")
    with pytest.raises(KeyUnusable):
        signer(tmp_path / "root-1.pem")
