"""The rules that hold for every file of the project."""

import json
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("edge", "firmware_bridge", "models", "provisioning")
REGISTRY = re.compile(r"(?:py" + r"pi|python" + r"hosted|npm" + r"js|deb\.deb" + r"ian)\.(?:org|com)")
FORBIDDEN = {"linuxpy", "pyusbus", "pylibjpeg-libjpeg", "opencv-python", "pycoral"}
"""GPL code, and a package whose name misleads."""
MEDIAN_LINES, MOST_LINES = 100, 300


def tracked():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def texts():
    found = {}
    for path in tracked():
        try:
            found[path] = path.read_text()
        except UnicodeDecodeError:
            continue
    return found


def test_no_package_registry_is_named(texts):
    assert [str(p) for p, text in texts.items() if REGISTRY.search(text)] == []


def test_locks_hold_names_versions_and_hashes_only():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert len(locks) >= 5
    line = re.compile(r"[a-z0-9._-]+==[^\s]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|#.*|")
    for lock in locks:
        assert [text for text in lock.read_text().splitlines() if not line.fullmatch(text)] == []


@pytest.mark.parametrize("name", ["axe", "redocly"])
def test_the_lock_of_what_npm_installs_names_no_place(name):
    lock = json.loads((ROOT / "requirements" / name / "package-lock.json").read_text())
    packages = [each for place, each in lock["packages"].items() if place]
    assert all(each["version"] and each["integrity"].startswith("sha512-") for each in packages)
    assert not {"resolved", "funding"} & {key for each in packages for key in each}


def test_every_direct_dependency_is_locked_and_none_is_forbidden():
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE))
    wanted = re.search(r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL).group(1)
    names = {name for name, rest in re.findall(r'"([a-z0-9-]+)([^"]*)"', wanted) if "python_version" not in rest}
    assert len(names) > 15
    assert names <= locked
    assert not locked & FORBIDDEN


def python_files(texts, *folders):
    """The text of each Python file of these folders that is not empty, by its path."""
    paths = {p.relative_to(ROOT): t for p, t in texts.items() if p.suffix == ".py" and t.strip()}
    return {str(p): t for p, t in paths.items() if p.parts[0] in folders}


def test_modules_are_short_and_say_why_they_exist(texts):
    modules = python_files(texts, *PACKAGES)
    lengths = [len(text.splitlines()) for text in modules.values()]
    print(f"lines of a file: median {statistics.median(lengths):.0f}, longest {max(lengths)}")
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert [path for path, text in modules.items() if not text.startswith(('"""', 'r"""'))] == []


def test_no_module_and_no_test_is_a_long_file(texts):
    lengths = {path: len(text.splitlines()) for path, text in python_files(texts, *PACKAGES, "tests").items()}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme
