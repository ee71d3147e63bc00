"""The drop-in of the service: it allows the networks of the site, and only where the appliance is a service."""

import re
import shutil
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from provisioning.site import firewall
from provisioning.site.firewall import DROP_IN, SERVICE, UNITS, allow

UNIT = Path(firewall.__file__).parents[1] / SERVICE
WARD, CLINIC = IPv4Network("192.168.1.0/24"), IPv4Network("10.20.0.0/16")


@pytest.fixture
def units(tmp_path):
    """A folder of units with that of the appliance."""
    shutil.copy(UNIT, tmp_path)
    return tmp_path


def content(units):
    """Every file of the folder, without the unit itself."""
    return {str(path.relative_to(units)): path.read_text() for path in units.rglob("*") if path.is_file() and path.name != SERVICE}


def test_the_drop_in_allows_each_network_and_is_all_that_is_written(units):
    allow([WARD, CLINIC], units)
    (line, *rest) = content(units).pop(DROP_IN).splitlines()
    assert line.startswith("#")
    assert rest == ["[Service]", "IPAddressAllow=192.168.1.0/24", "IPAddressAllow=10.20.0.0/16"]
    assert set(content(units)) == {DROP_IN}
    assert content(units)[DROP_IN].endswith("\n")


def test_the_unit_stays_as_it_is(units):
    allow([WARD], units)
    assert (units / SERVICE).read_bytes() == UNIT.read_bytes()


def test_a_board_whose_appliance_is_no_service_stays_as_it_is(tmp_path):
    for networks in ([WARD], []):
        allow(networks, tmp_path)
        allow(networks, tmp_path / "absent")
    assert not list(tmp_path.iterdir())


def test_other_networks_replace_those_of_before(units):
    allow([WARD], units)
    allow(iter([CLINIC]), units)
    assert re.findall("IPAddressAllow=(.*)", content(units)[DROP_IN]) == ["10.20.0.0/16"]


def test_without_a_network_the_drop_in_is_removed(units):
    allow([WARD], units)
    allow([], units)
    assert content(units) == {}


def test_other_drop_ins_stay(units):
    other = (units / DROP_IN).with_name("10-memory.conf")
    other.parent.mkdir()
    other.write_text("[Service]\nMemoryMax=1G\n")
    allow([WARD], units)
    allow([], units)
    assert set(content(units).values()) == {"[Service]\nMemoryMax=1G\n"}


@pytest.mark.parametrize("networks", [[WARD, CLINIC], []], ids=["networks", "none"])
def test_it_is_safe_to_repeat(units, networks):
    allow(networks, units)
    once = content(units)
    allow(networks, units)
    assert content(units) == once


def test_a_planted_link_is_replaced_and_what_it_leads_to_stays(units):
    elsewhere = units / "elsewhere"
    elsewhere.write_text("precious")
    (units / DROP_IN).parent.mkdir()
    (units / DROP_IN).symlink_to(elsewhere)
    allow([WARD], units)
    assert elsewhere.read_text() == "precious"
    assert not (units / DROP_IN).is_symlink()
    assert "192.168.1.0/24" in (units / DROP_IN).read_text()


def test_a_folder_that_cannot_be_made_is_an_error(units):
    (units / DROP_IN).parent.write_text("a file")
    with pytest.raises(OSError, match="exists"):
        allow([WARD], units)
    assert (units / DROP_IN).parent.read_text() == "a file"


@pytest.mark.parametrize("networks", [[CLINIC], []], ids=["networks", "none"])
def test_a_drop_in_that_is_a_folder_is_an_error(units, networks):
    (units / DROP_IN).mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        allow(networks, units)


def test_a_refused_change_leaves_the_drop_in_of_before(units):
    allow([WARD], units)
    before = content(units)
    (units / f"{DROP_IN}.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        allow([CLINIC], units)
    assert content(units) == before


def test_the_folder_is_that_of_the_system_unless_another_is_named():
    assert Path("/etc/systemd/system") == UNITS
    assert f"{UNITS}/sonoedge.service.d/60-site.conf" == str(UNITS / DROP_IN)


@pytest.mark.peers
def test_systemd_reads_the_drop_in_and_has_nothing_to_object(units, missing):
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze (apt-get install systemd)")
    command = ["systemd-analyze", "verify", "--man=no", str(units / SERVICE)]
    allow([WARD, CLINIC], units)
    stated = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "60-site.conf" not in stated
    (units / DROP_IN).write_text((units / DROP_IN).read_text() + "IPAddressAllow=garbage\n")
    stated = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "60-site.conf:5: Address prefix is invalid" in stated
