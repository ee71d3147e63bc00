"""A machine in QEMU, started from the test image that SONOEDGE_IMAGE names, and driven over its serial console; and a stick for it.

SONOEDGE_WHEELHOUSE names the packages of the image, in a folder with the name of its board, such as debian-12-amd64.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from provisioning.board import compat_of
from provisioning.boards import MACHINES, find

ROOT = Path(__file__).resolve().parents[3]
IMAGE = Path(os.environ.get("SONOEDGE_IMAGE", ""))
WHEELHOUSE = Path(os.environ.get("SONOEDGE_WHEELHOUSE", "")).absolute()
STICK_MIB = 400
ACCELERATOR = os.environ.get("SONOEDGE_ACCELERATOR", "tcg")
"""`kvm` where the machine has it; the emulator `tcg` runs everywhere, fifty times slower."""

ARCHITECTURE = "arm64" if "arm64" in IMAGE.name else "amd64"
QEMU = {
    "amd64": ("qemu-system-x86_64", "-machine", "q35", "-cpu", "max"),
    "arm64": ("qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a76"),
}[ARCHITECTURE]
FIRMWARE = {"amd64": Path("/usr/share/OVMF/OVMF_CODE_4M.fd"), "arm64": Path("/usr/share/AAVMF/AAVMF_CODE.fd")}[ARCHITECTURE]
DISK = "10G"
"""Larger than the image: the data partition grows into the rest."""

START_LIMIT_S, COMMAND_LIMIT_S = 1800, 900
HEALTH = "python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:8042/health\")' 2>/dev/null"
PROMPT = re.compile(r"root@[\w-]+:")
STATUS = re.compile(r"<<(\d+)>>")


class Machine:
    """A machine with a disk of its own, a copy of the image, and without a network. `stick` is the content of a USB stick."""

    def __init__(self, disk, stick=None):
        self.disk, self.stick, self.printed, self.on_at = disk, stick, "", 0.0
        self.process = self.listener = None

    def power_on(self):
        """Returns when the serial console is a shell."""
        self.printed, self.on_at = "", time.monotonic()
        devices = ("-nodefaults", "-nic", "none", "-display", "none", "-serial", "stdio", "-no-reboot", "-device", "virtio-rng-pci")
        firmware = ("-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}")
        disks = ["-drive", f"if=virtio,format=qcow2,file={self.disk}"]
        if self.stick is not None:
            disks += ["-drive", f"if=none,id=stick,format=raw,file={self.stick}"]
            disks += ["-device", "qemu-xhci", "-device", "usb-storage,drive=stick,removable=on"]
        command = [*QEMU, "-accel", ACCELERATOR, "-smp", "2", "-m", "2048", *devices, *firmware, *disks]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.listener = threading.Thread(target=self._listen, args=(self.process.stdout,))
        self.listener.start()
        self._wait(lambda: PROMPT.search(self.printed), "a shell", START_LIMIT_S)
        self._type("exec sh")
        self._type("stty -echo; PS1=; dmesg -n 1")  # what the kernel prints would be read as the answer of a command
        self.shell("true")

    def cut_power(self):
        self.process.kill()
        self.listener.join()
        with self.process:  # closes its pipes
            pass

    def shell(self, command, limit_s=COMMAND_LIMIT_S):
        """Returns the exit status of a command and what it printed."""
        begin = len(self.printed)
        self._type(f'{command}; echo "<<$?>>"')
        self._wait(lambda: STATUS.search(self.printed, begin), command, limit_s)
        done = STATUS.search(self.printed, begin)
        return int(done.group(1)), self.printed[begin : done.start()].replace("\r\n", "\n")

    def ready(self):
        """Waits until /health answers 200. Returns the seconds since power on."""
        self.shell(f"until {HEALTH}; do sleep 1; done", START_LIMIT_S)
        return time.monotonic() - self.on_at

    def _listen(self, line):
        while piece := os.read(line.fileno(), 65536):
            self.printed += piece.decode(errors="replace")

    def _type(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def _wait(self, happened, what, limit_s):
        until = time.monotonic() + limit_s
        while not happened():
            assert self.process.poll() is None, f"QEMU ended: {self.printed[-2000:]}"
            assert time.monotonic() < until, f"no {what} in {limit_s} s: {self.printed[-2000:]}"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def stick(tmp_path_factory):
    """A FAT32 stick with release 1 of this checkout for the board of the image, the policy of a site, and the root of their publisher."""
    if not IMAGE.name:
        pytest.skip("SONOEDGE_IMAGE names no image (make image-test)")
    folder = tmp_path_factory.mktemp("publisher")
    board, architecture = find(WHEELHOUSE.name)
    compat = compat_of(MACHINES[architecture], board.python)
    role, keys, repository = f"boards-{compat}", folder / "keys", folder / "repository"
    steps = (
        ("keys", keys, "--role", role),
        ("new", repository, "--keys", keys, "--role", role),
        ("build", "--number", 1, "--project", ROOT, "--wheelhouse", WHEELHOUSE, "--output", folder, "--board", compat),
        ("add", repository, folder / f"sonoedge-0.1.0-1-{compat}.tar"),
        ("sign", repository, role, keys / f"{role}-1.pem"),
        ("delegate", repository, "sites-kisumu", keys / "sites-kisumu-1.pem"),
        ("sign", repository, "targets", keys / "targets-1.pem", keys / "targets-2.pem"),
        ("policy", repository, "kisumu", "--network", "192.168.4.0/22"),
        ("sign", repository, "sites-kisumu", keys / "sites-kisumu-1.pem"),
        ("publish", repository, folder / "stick", "--keys", keys),
    )
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SONOEDGE_")}
    for step in steps:
        run(sys.executable, "-m", "edge.cli", "release", *step, env=ours)
    shutil.copy(repository / "metadata" / "1.root.json", folder / "stick" / "root.json")
    content = folder / "stick.img"
    with content.open("wb") as file:
        file.truncate(STICK_MIB << 20)
    run("mkfs.fat", "-F", "32", content)
    run("mcopy", "-s", "-i", content, *(folder / "stick").iterdir(), "::/")
    return content


def run(*words, **options):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, **options)


@pytest.fixture(scope="module")
def machine(missing, tmp_path_factory):
    if not IMAGE.name:
        pytest.skip("SONOEDGE_IMAGE names no image (make image-test)")
    for needed in (QEMU[0], "qemu-img"):
        if shutil.which(needed) is None:
            missing(f"{needed} (apt-get install qemu-system qemu-utils)")
    if not FIRMWARE.exists():
        missing(f"{FIRMWARE} (apt-get install ovmf qemu-efi-aarch64)")
    disk = tmp_path_factory.mktemp("machine") / "disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(IMAGE.resolve()), "-F", "raw", str(disk), DISK], check=True)
    made = Machine(disk)
    yield made
    made.cut_power()
