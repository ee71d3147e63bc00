"""The files of an image, and what `build` refuses before it fetches anything."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

IMAGE_ROOT = Path(__file__).resolve().parents[3] / "provisioning/image"
FILES = IMAGE_ROOT / "files"
UNITS = sorted(FILES.glob("etc/systemd/system/*.service"))
INITRAMFS = FILES / "etc/initramfs-tools"
SCRIPTS = [
    IMAGE_ROOT / "build",
    FILES / "usr/lib/sonoedge/open-data",
    INITRAMFS / "scripts/init-bottom/sonoedge-layers",
    INITRAMFS / "hooks/sonoedge-disks",
    FILES / "usr/lib/sonoedge/take-name",
]
LARGEST_EXPOSURE = 2.0
SMALLEST_DISK_BYTES = 7_600_000_000
"""What is left of the 8 GB of a Coral Dev Board."""


def build(*words):
    return subprocess.run([IMAGE_ROOT / "build", *map(str, words)], capture_output=True, text=True, check=False)


RIGHT = {"--arch": "amd64", "--suite": "bookworm", "--output": "disk.img"}


@pytest.mark.parametrize(
    ("wrong", "stated"),
    [
        ({"--arch": "armhf"}, "--arch is 'armhf'. Give amd64 or arm64"),
        ({"--suite": "sid"}, "--suite is 'sid'. Give bookworm or trixie"),
        ({"--output": ""}, "--output is missing"),
        ({"--output": "/no/such/disk.img"}, "the folder of /no/such/disk.img does not exist"),
        ({"--wheelhouse": "/no/such/wheels"}, "/no/such/wheels holds no Python packages"),
        ({"--trusted-root": "/no/such/root.json"}, "/no/such/root.json is no file"),
        ({"--frobnicate": "1"}, "--frobnicate is not an option"),
    ],
)
def test_wrong_options_are_one_line_and_status_2(tmp_path, wrong, stated):
    options = RIGHT | {"--output": tmp_path / "disk.img"} | wrong
    done = build(*(word for option in options.items() for word in option))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert stated in line
    assert not list(tmp_path.iterdir())


def test_an_option_without_its_value_is_refused():
    assert "--arch needs a value" in build("--arch").stderr


@pytest.mark.peers
def test_shellcheck_finds_nothing(missing):
    if shutil.which("shellcheck") is None:
        missing("shellcheck (apt-get install shellcheck)")
    assert subprocess.run(["shellcheck", *SCRIPTS], capture_output=True, text=True, check=False).stdout == ""


@pytest.fixture
def analyze(missing):
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze (apt-get install systemd)")

    def run(*words):
        done = subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return run


@pytest.mark.peers
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_hardly_exposed_and_understood(analyze, tmp_path, unit):
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", analyze("security", "--offline=true", unit))
    assert float(exposure.group(1)) <= LARGEST_EXPOSURE
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^(Exec\w+)=.*", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE))
    assert [line for line in analyze("verify", "--man=no", copy).splitlines() if unit.name in line] == []


def test_the_disk_fits_on_the_smallest_board():
    sizes = re.findall(r"size=(\d+)MiB", (IMAGE_ROOT / "partitions.sfdisk").read_text())
    (disk,) = re.findall(r"^DISK_MIB=(\d+)$", (IMAGE_ROOT / "build").read_text(), re.MULTILINE)
    assert len(sizes) == 5
    assert sum(map(int, sizes)) < int(disk) < SMALLEST_DISK_BYTES / 2**20


def test_the_bundle_of_rauc_is_cut_out_at_the_place_of_the_system():
    start, boot, root = re.findall(r"(?:start|size)=(\d+)MiB", (IMAGE_ROOT / "partitions.sfdisk").read_text())[:3]
    assert f"skip={int(start) + int(boot)} count={root}" in (IMAGE_ROOT / "rauc/manifest.raucm").read_text()


def test_the_data_hold_no_programs_and_the_programs_are_not_on_the_data():
    lines = [line.split() for line in (FILES / "etc/fstab").read_text().splitlines() if not line.startswith("#")]
    options = {place: set(stated.split(",")) for _, place, _, stated, *_ in lines}
    assert {"nosuid", "nodev", "noexec"} <= options["/var/lib/sonoedge"]
    assert {"nosuid", "nodev", "bind"} <= options["/opt/sonoedge"]


def test_only_a_test_image_has_a_root_shell():
    holders = {
        path.relative_to(IMAGE_ROOT).parts[0]
        for path in IMAGE_ROOT.rglob("*")
        if path.is_file() and "autologin" in path.read_text(errors="replace")
    }
    assert holders == {"test-files"}
