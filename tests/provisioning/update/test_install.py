"""A slot is made with the board's own Python and pip, without a network, and read back from the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.update.install import REQUIREMENTS, WHEELS, PipInstaller
from tests.provisioning import tiny

pytestmark = pytest.mark.slow

MODULE = f"lib/python3.{sys.version_info.minor}/site-packages/tiny.py"
RECORD = "tiny-1.0.dist-info/RECORD"


def release(folder, line="tiny==1.0 --hash=sha256:{digest}", name="tiny"):
    """An unpacked release with the package `name`, and the requirements `line`."""
    (folder / WHEELS).mkdir(parents=True)
    path = tiny.wheel(folder / WHEELS, name, scripts=f"{name} = {name}:main", files={f"{name}.py": "def main():\n    print(6 * 7)\n"})
    (folder / REQUIREMENTS).write_text(line.format(digest=tiny.digest(path)) + "\n")
    return folder


@pytest.fixture(scope="module")
def slot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    PipInstaller().install(release(folder / "release"), folder / "slot")
    return folder / "slot"


@pytest.fixture
def changed(slot):
    """Changes a file of the slot for one test; None removes it."""
    before = {}

    def change(name, content):
        path = slot / name
        before[path] = path.read_bytes()
        path.unlink() if content is None else path.write_bytes(content)

    yield change
    for path, content in before.items():
        path.write_bytes(content)


def refusal(act):
    with pytest.raises(ProvisionRefused) as refused:
        act()
    assert refused.value.cause == "E-INSTALL"
    return refused.value.what


def test_a_program_of_the_slot_runs_and_every_file_is_read_back(slot):
    done = subprocess.run([slot / "bin/tiny"], capture_output=True, text=True, check=True)
    assert done.stdout == "42\n"
    assert PipInstaller().verify(slot) > len(list((slot / MODULE).parent.glob("tiny*")))


def test_a_slot_depends_on_no_other_environment(slot):
    """These tests run in one themselves."""
    assert (slot / "bin/python3").resolve() == Path(sys.executable).resolve()
    assert Path(sys.prefix) not in (slot / "bin/python3").readlink().parents


def test_byte_code_is_there_before_the_first_start(slot):
    assert list((slot / MODULE).parent.glob("__pycache__/tiny.*.pyc"))


@pytest.mark.parametrize("content", [None, b"", b"def main():\n    print(6 * 8)\n"], ids=["absent", "empty", "changed"])
def test_a_file_that_is_not_as_its_package_states(slot, changed, content):
    changed(MODULE, content)
    assert f"{MODULE} was not written" in refusal(lambda: PipInstaller().verify(slot))


@pytest.mark.parametrize("content", [None, b"", b"tiny.py\n"], ids=["absent", "empty", "torn"])
def test_a_package_that_no_longer_states_its_files(slot, changed, content):
    changed(f"{Path(MODULE).parent}/{RECORD}", content)
    assert "tiny-1.0" in refusal(lambda: PipInstaller().verify(slot))


def test_an_empty_slot(tmp_path):
    assert "no package was installed" in refusal(lambda: PipInstaller().verify(tmp_path))


@pytest.fixture
def same_environment(slot, monkeypatch):
    """The environment is made once for all refusals: only pip runs for each."""
    run = subprocess.run

    def shorter(command, **how):
        return run(("true",) if command[2:4] == ("-m", "venv") else command, **how)

    monkeypatch.setattr("provisioning.update.install.subprocess.run", shorter)
    return slot


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [
        ("tiny==1.1 --hash=sha256:" + "0" * 64, "tiny", "tiny==1.1"),
        ("small==1.0 --hash=sha256:" + "0" * 64, "small", "DO NOT MATCH THE HASHES"),
        ("small==1.0", "small", "hash"),
        ("absent==1.0 --hash=sha256:{digest}", "small", "absent==1.0"),
    ],
    ids=["another version", "another content", "no hash", "a missing package"],
)
def test_packages_that_pip_does_not_install(same_environment, tmp_path, line, name, reason):
    what = refusal(lambda: PipInstaller().install(release(tmp_path / "release", line, name), same_environment))
    assert what.startswith("the packages cannot be installed: ")
    assert reason in what


def test_a_python_that_cannot_start(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert "cannot start (No such file" in refusal(lambda: PipInstaller().install(tmp_path, tmp_path / "slot"))
