"""The packages of a release are those of the lock, and nothing else."""

import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.release.wheels import build_own, collect, lock_for, locked, wheel_of
from tests.provisioning import tiny

AT = datetime(2026, 11, 30, tzinfo=timezone.utc)
HOUSE = Path(__file__).resolve().parents[3]


@pytest.fixture
def house(tmp_path):
    """A folder with two packages and a lock that names them."""
    (tmp_path / "wheels").mkdir()
    wheels = [tiny.wheel(tmp_path / "wheels", "tiny"), tiny.wheel(tmp_path / "wheels", "small_part", "2.0")]
    tiny.project(tmp_path / "project", wheels)
    return tmp_path


def collected(house):
    return collect(lock_for(house / "project", "x86_64-cp311"), house / "wheels")


def refusal(act, what):
    with pytest.raises(ProvisionRefused, match=what) as refused:
        act()
    assert refused.value.cause == "E-RELEASE"
    assert refused.value.fix


def test_the_wheels_of_the_lock(house):
    assert [(wheel.name, wheel.version) for wheel in collected(house)] == [("tiny", "1.0"), ("small-part", "2.0")]
    tiny_, _ = collected(house)
    assert tiny_.requirement == f"tiny==1.0 --hash=sha256:{tiny.digest(tiny_.path)}"


def test_a_package_that_the_lock_does_not_name_is_left_out(house):
    tiny.wheel(house / "wheels", "more")
    tiny.wheel(house / "wheels", "tiny", "1.1")
    (house / "wheels" / "note.txt").write_text("x")
    assert {wheel.path.name.split("-")[0] for wheel in collected(house)} == {"tiny", "small_part"}
    assert {wheel.version for wheel in collected(house)} == {"1.0", "2.0"}


def test_a_missing_package(house):
    next((house / "wheels").glob("tiny-*")).unlink()
    refusal(lambda: collected(house), r"has no wheel that the lock admits of tiny 1\.0")


def test_a_package_with_another_content(house):
    path = next((house / "wheels").glob("tiny-*"))
    path.write_bytes(path.read_bytes() + b"x")
    refusal(lambda: collected(house), r"has no wheel that the lock admits of tiny 1\.0")


def test_the_wheels_of_two_kinds_of_board(house):
    path = next((house / "wheels").glob("tiny-*"))
    path.with_name("tiny-1.0-py3-none-linux_aarch64.whl").write_bytes(path.read_bytes())
    refusal(lambda: collected(house), "2 wheels for more than one kind of board of tiny")


def test_a_file_whose_name_is_not_that_of_a_wheel(house):
    (house / "wheels" / "tiny.whl").write_bytes(b"")
    refusal(lambda: collected(house), "is not a Python package")


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_a_lock_that_names_nothing(house, text):
    (house / "project/requirements/runtime.txt").write_text(text)
    refusal(lambda: collected(house), "names no package")


def test_a_project_without_a_lock(tmp_path):
    refusal(lambda: collect(lock_for(tmp_path, "x86_64-cp311"), tmp_path), "cannot be read")


def test_each_python_has_its_lock():
    names = {compat: lock_for(Path("p"), compat).name for compat in ("aarch64-cp310", "aarch64-cp311", "x86_64-cp314")}
    assert names == {"aarch64-cp310": "runtime-py310.txt", "aarch64-cp311": "runtime.txt", "x86_64-cp314": "runtime.txt"}


@pytest.mark.parametrize("compat", ["aarch64-cp310", "aarch64-cp311"])
def test_the_locks_of_the_project_name_one_version_with_digests_of_each_package(compat):
    found = locked(lock_for(HOUSE, compat))
    assert len(found) > 50
    assert {"numpy", "tuf", "ai-edge-litert"} <= set(found)
    assert all(version[0].isdecimal() and "=" not in version for version, _ in found.values())
    assert all(digests and all(len(digest) == 64 for digest in digests) for _, digests in found.values())


def test_a_wheel_is_named_canonically(tmp_path):
    wheel = wheel_of(tiny.wheel(tmp_path, "Small_Part", "1.0"))
    assert (wheel.name, wheel.version) == ("small-part", "1.0")


@pytest.mark.slow
def test_the_wheel_of_the_project_is_the_same_each_time(house, tmp_path):
    for name in ("first", "second", "later"):
        (tmp_path / name).mkdir()
    first = build_own(house / "project", tmp_path / "first", AT)
    (house / "project/edge/__pycache__").mkdir()
    (house / "project/edge/__pycache__/tiny.pyc").write_bytes(b"x")
    (house / "project/secret.pem").write_bytes(b"x")
    (house / "project/edge/tiny.py").touch()
    second = build_own(house / "project", tmp_path / "second", AT)
    assert (first.name, first.version, first.sha256) == ("sonoedge", "1.0.0", second.sha256)
    assert build_own(house / "project", tmp_path / "later", AT + timedelta(days=1)).sha256 != first.sha256
    names = zipfile.ZipFile(second.path).namelist()
    assert "edge/tiny.py" in names
    assert not [name for name in names if "pyc" in name or "secret" in name]


def test_a_checkout_that_lacks_a_part(house, tmp_path):
    (house / "project/LICENSE").unlink()
    refusal(lambda: build_own(house / "project", tmp_path, AT), "LICENSE cannot be read")


def test_a_checkout_that_cannot_be_built(house, tmp_path):
    (house / "project/pyproject.toml").write_text("[project]\nname = 'sonoedge'\n")
    refusal(lambda: build_own(house / "project", tmp_path, AT), "the project cannot be built")
