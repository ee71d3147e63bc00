"""A shelf lists what came with the program and what is installed, each with what makes it unusable, and finds them by name."""

import json

import pytest

from edge.disk.layout import DataFolder
from edge.disk.signing import make_keys
from edge.inference.bundle import pack
from edge.inference.errors import ModelUnusable
from edge.inference.release import BUILT_IN
from edge.inference.shelf import Shelf, family

M, S = (
    f"{manifest['name']}-{manifest['version']}"
    for each in family(BUILT_IN)
    for manifest in [json.loads((each / "release.json").read_text())]
)
"""What came with the program: lung-m and lung-s."""


def test_an_empty_shelf_has_what_came_with_the_program(shelf):
    assert [each.ident for each in shelf.releases() if each.built_in] == [M, S]
    assert all(each.problem is None and each.signed_by is None for each in shelf.releases())
    assert (shelf.active(), shelf.previous()) == (None, None)
    assert not shelf.folder.exists()


def test_a_folder_that_is_a_release_is_a_family_of_one():
    (one, *_) = family(BUILT_IN)
    assert family(one) == (one,)


def test_a_release_whose_key_was_revoked_or_replaced_is_listed_with_the_problem_and_may_not_read(
    shelf, installed, candidate, ward, tmp_path
):
    key, keys = ward
    bundle = pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key)
    shelf.install(bundle, keys)
    assert shelf.to_read("lung-s") == shelf.find("lung-s-1.0.0")
    public = DataFolder(tmp_path / "data").model_keys / "ward-3.pub"
    trusted = public.read_bytes()
    (tmp_path / "other").mkdir()
    _, another = make_keys("ward-3", tmp_path / "other")
    for revoke, why in (
        (public.unlink, "'ward-3', which signed lung-s-1.0.0, is revoked"),
        (lambda: public.write_bytes(another.read_bytes()), "did not sign"),
        (lambda: public.write_text("damaged"), "cannot be read as a public key"),
    ):
        revoke()
        assert why in installed(shelf)[0].problem
        for refused in (lambda: shelf.to_read("lung-s"), lambda: shelf.trusted(shelf.find("lung-s-1.0.0"))):
            with pytest.raises(ModelUnusable, match=why):
                refused()
    public.write_bytes(trusted)
    assert (shelf.to_read("lung-s").name, installed(shelf)[0].problem) == ("lung-s-1.0.0", None)
    assert shelf.to_read("lung-m") == BUILT_IN / "lung-m"


def test_a_damaged_signature_is_reported(shelf, installed, candidate, ward, tmp_path):
    key, keys = ward
    shelf.install(pack(candidate(tmp_path / "new", "1.0.0"), tmp_path, key), keys)
    (shelf.find("lung-s-1.0.0") / "signature.json").write_text("{")
    assert "signature.json cannot be used" in installed(shelf)[0].problem
    with pytest.raises(ModelUnusable):
        shelf.to_read("lung-s-1.0.0")


def test_a_folder_copied_by_hand_under_another_name_is_reported(shelf, installed, candidate, tmp_path):
    shelf.folder.mkdir(parents=True)
    candidate(shelf.folder / "lung-s-2.0.0", "1.0.0")
    assert "holds lung-s-1.0.0" in installed(shelf)[0].problem


def test_find_takes_a_whole_ident_or_the_newest_of_a_name(shelf, candidate, tmp_path):
    for version in ("0.9.0", "0.10.0", "0.10.0-rc.1"):
        shelf.install(candidate(tmp_path / version, version), {}, unsigned=True)
    assert shelf.find("lung-s").name == "lung-s-0.10.0"
    assert shelf.find("lung-s-0.9.0").name == "lung-s-0.9.0"
    assert shelf.find("lung-m") == BUILT_IN / "lung-m"
    for unknown in ("lung", "lung-s-7.0.0", "../models", "", "."):
        with pytest.raises(ModelUnusable, match=rf"Name one of: .*lung-s-0\.9\.0.*{M}"):
            shelf.find(unknown)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, candidate):
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "models")
    with pytest.raises(ModelUnusable, match="cannot be written"):
        shelf.install(candidate(tmp_path / "new"), {}, unsigned=True)
    with pytest.raises(ModelUnusable, match="cannot be read"):
        shelf.releases()
