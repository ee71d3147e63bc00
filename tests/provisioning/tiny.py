"""Tiny packages, made as `pip wheel` makes large ones, and a project that is built into a release in a second."""

import base64
import hashlib
import zipfile

BORN = (2026, 11, 30, 0, 0, 0)
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "sonoedge"
version = "1.0.0"
license = "Apache-2.0"
requires-python = ">=3.10"
dependencies = [{needs}]
[project.scripts]
sonoedge = "edge.tiny:main"
[tool.hatch.build.targets.wheel]
packages = ["edge", "firmware_bridge", "models", "provisioning"]
"""
PROGRAM = """import sys

def main():
    print("the golden vectors differ")
    sys.exit({status})
"""


def wheel(folder, name="tiny", version="1.0", *, files=None, metadata=("License-Expression: MIT",), scripts=""):
    """A package file; `files` are its modules by their names, `scripts` are lines of `entry_points.txt`."""
    info = f"{name}-{version}.dist-info"
    about = "\n".join(("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *metadata))
    contents = {f"{name}.py": "VALUE = 1\n"} if files is None else dict(files)
    contents |= {f"{info}/METADATA": f"{about}\n", f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    if scripts:
        contents[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    record = "".join(f"{each},sha256={_recorded(content)},{len(content)}\n" for each, content in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in contents.items():
            archive.writestr(zipfile.ZipInfo(each, BORN), content)
    return path


def _recorded(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def project(folder, wheels=(), status=0):
    """A checkout whose program ends with `status`; its lock names these wheels."""
    named = [path.name.split("-")[:2] for path in wheels]
    locks = folder / "requirements"
    locks.mkdir(parents=True)
    locked = "".join(
        f"{name}=={version} \\\n    --hash=sha256:{digest(path)}\n" for (name, version), path in zip(named, wheels, strict=True)
    )
    for lock in ("runtime.txt", "runtime-py310.txt"):
        (locks / lock).write_text(f"# the packages\n{locked}")
    (folder / "pyproject.toml").write_text(PYPROJECT.format(needs=", ".join(f'"{name}"' for name, _ in named)))
    for name in ("README.md", "LICENSE"):
        (folder / name).write_text("tiny\n")
    for name in ("edge", "firmware_bridge", "models", "provisioning"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("")
    (folder / "edge" / "tiny.py").write_text(PROGRAM.format(status=status))
    return folder
