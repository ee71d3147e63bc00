import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2] / "provisioning"
LARGEST_EXPOSURE = 2.0


@pytest.mark.peers
def test_the_unit_is_hardly_exposed(missing):
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze (apt-get install systemd)")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(HERE / "sonoedge.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    exposure = float(re.search(r"Overall exposure level for sonoedge.service: ([\d.]+)", said.stdout).group(1))
    assert exposure <= LARGEST_EXPOSURE


def test_the_rules_name_both_ids_of_the_coral():
    rules = (HERE / "60-sonoedge.rules").read_text()
    for vendor, product in [("1a6e", "089a"), ("18d1", "9302")]:
        assert re.search(f'idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"', rules)


def test_the_shipped_settings_are_valid(monkeypatch):
    from edge.settings import load_settings

    monkeypatch.setenv("SONOEDGE_SETTINGS", str(HERE / "settings.toml"))
    assert load_settings({}).data_dir == Path("/var/lib/sonoedge")
