"""A release is built from a checkout and its packages: the same bytes each time, and a board can install what is in it."""

import hashlib
import json

import pytest

from provisioning.boot.files import RealFiles
from provisioning.codes import ProvisionRefused
from provisioning.release.build import build, read
from provisioning.update import bundle
from provisioning.update.manifest import Facts
from tests.provisioning import tiny
from tests.provisioning.releases import COMPAT, facts_of


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    (folder / "wheels").mkdir()
    tiny.project(folder / "project", [tiny.wheel(folder / "wheels")])
    return folder


@pytest.fixture(scope="module")
def built(house):
    """A release that was built, and the steps of it."""
    (house / "dist").mkdir()
    steps = []
    return build(house / "project", house / "wheels", facts_of(4, unpacked=0), house / "dist", steps.append), steps


def test_its_name_its_digest_and_its_facts(built):
    release, steps = built
    assert release.path.name == f"sonoedge-4.0-{COMPAT}.tar"
    assert release.target == f"app/{COMPAT}/{release.path.name}"
    assert release.sha256 == hashlib.sha256(release.path.read_bytes()).hexdigest()
    assert read(release.path) == release.facts == Facts.model_validate(release.custom)
    assert json.loads(json.dumps(release.custom)) == release.custom
    assert steps[-1] == f"writing {release.path.name}"


def test_a_board_unpacks_what_pip_needs(built, tmp_path):
    release, _ = built
    stated = bundle.unpack(RealFiles(), release.path, tmp_path)
    names = [item.path for item in stated.files]
    assert names == ["requirements.txt", "sbom.json", "wheels/sonoedge-1.0.0-py3-none-any.whl", "wheels/tiny-1.0-py3-none-any.whl"]
    assert stated.unpacked == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    wheels = {path.name.split("-")[0]: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "wheels").iterdir()}
    assert (tmp_path / "requirements.txt").read_text().splitlines() == [
        f"tiny==1.0 --hash=sha256:{wheels['tiny']}",
        f"sonoedge==1.0.0 --hash=sha256:{wheels['sonoedge']}",
    ]
    assert json.loads((tmp_path / "sbom.json").read_bytes())["metadata"]["component"]["name"] == "sonoedge"


def test_the_same_input_gives_the_same_bytes(house, built, tmp_path):
    release, _ = built
    again = build(house / "project", house / "wheels", facts_of(4, unpacked=0), tmp_path, lambda _: None)
    assert again.path.read_bytes() == release.path.read_bytes()


def test_a_package_that_is_not_the_locked_one_stops_it_before_it_is_built(house, tmp_path):
    (tmp_path / "wheels").mkdir()
    tiny.wheel(tmp_path / "wheels", files={"tiny.py": "VALUE = 2\n"})
    steps = []
    with pytest.raises(ProvisionRefused, match="no wheel that the lock admits") as refused:
        build(house / "project", tmp_path / "wheels", facts_of(4), tmp_path, steps.append)
    assert refused.value.cause == "E-RELEASE"
    assert steps == ["comparing the packages with the lock"]
    assert not list(tmp_path.glob("*.tar*"))


def test_a_file_that_is_no_bundle_has_no_facts(tmp_path):
    (tmp_path / "a.tar").write_bytes(b"x" * 2000)
    with pytest.raises(ProvisionRefused, match=r"a\.tar is not a whole bundle") as refused:
        read(tmp_path / "a.tar")
    assert refused.value.cause == "E-TAMPER"
