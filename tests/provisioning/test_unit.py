import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.api.lobby import SHARE, TOTAL
from edge.api.server import TOTAL_TLS
from edge.disk.mount import STICKS

HERE = Path(__file__).resolve().parents[2] / "provisioning"
LARGEST_EXPOSURE = 2.0


UNITS = ("sonoedge.service", "sonoedge-gate.service", "sonoedge-provision.service")


@pytest.mark.peers
@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_is_hardly_exposed(missing, unit):
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze (apt-get install systemd)")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(HERE / unit)]
    stated = subprocess.run(command, capture_output=True, text=True, check=False)
    exposure = float(re.search(rf"Overall exposure level for {unit}: ([\d.]+)", stated.stdout).group(1))
    assert exposure <= LARGEST_EXPOSURE


def test_the_rules_name_both_ids_of_the_coral():
    rules = (HERE / "60-sonoedge.rules").read_text()
    for vendor, product in [("1a6e", "089a"), ("18d1", "9302")]:
        assert re.search(f'idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"', rules)


def test_the_shipped_settings_are_valid(monkeypatch):
    from edge.settings import load_settings

    monkeypatch.setenv("SONOEDGE_SETTINGS", str(HERE / "settings.toml"))
    assert load_settings({}).data_dir == Path("/var/lib/sonoedge")


def test_the_connections_of_the_page_leave_most_files_to_the_exam():
    (limit,) = re.findall(r"^LimitNOFILE=(\d+)$", (HERE / "sonoedge.service").read_text(), re.MULTILINE)
    assert int(limit) >= (TOTAL + TOTAL_TLS) * SHARE


DOCS = HERE.parent / "docs"
STICK = re.compile(r"(?<![\w/])/(?:run/media|media|mnt)/[\w/-]+")
"""A place on a stick, as the documents name it."""


def writable():
    """The folders that the service can write to, beside its own."""
    lines = (HERE / "sonoedge.service").read_text().splitlines()
    paths = [path for line in lines if line.startswith("ReadWritePaths=") for path in line.partition("=")[2].split()]
    assert all(path.startswith("-") for path in paths)  # without the hyphen, a folder that is absent keeps the service from starting
    return [Path(path[1:]) for path in paths]


def test_the_service_can_write_to_every_place_where_a_technician_mounts_a_stick():
    named = {Path(found) for page in DOCS.glob("*.md") for found in STICK.findall(page.read_text())}
    assert named
    for place in (*named, *STICKS):
        assert any(place.is_relative_to(folder) for folder in writable()), place


@pytest.mark.peers
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_every_line_of_the_unit(missing, tmp_path, unit):
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze (apt-get install systemd)")
    for name in UNITS:
        text = (HERE / name).read_text()
        (tmp_path / name).write_text(re.sub(r"^(Exec\w+)=.*", r"\1=/bin/true", text, flags=re.MULTILINE))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if unit in line] == []
