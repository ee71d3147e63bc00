"""Orthanc, wlmscpfs and storescp, which bind every address of the machine, started where no network reaches them.

Linux gives each thread a network namespace of its own, and a new thread or process that of the one that starts it. So `private_network`
moves the thread of a test into a new namespace with nothing but a loopback, and back. What the test starts meanwhile, the appliance's
threads and the servers, is in the namespace too; nothing of the test has to run in a second process. It needs root, as in CI; the ports
are free, whatever else runs on the machine.
"""

import ctypes
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = {
    "Orthanc": "orthanc", "wlmscpfs": "dcmtk", "storescp": "dcmtk", "dsrdump": "dcmtk", "dciodvfy": "dicom3tools",
}  # fmt: skip
"""The Debian package of each program."""
ORTHANC_DICOM, ORTHANC_HTTP, WORKLIST, STORE, LISTEN = 14242, 18042, 11112, 11114, 11113
"""Ports inside a private network."""
PLUGINS = Path("/usr/share/orthanc/plugins")
CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1
START_S = 120
_LIBC = ctypes.CDLL(None, use_errno=True)


def find(program, missing):
    """The path of a program, or the end of the test."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        missing(f"{program} (apt: {PROGRAMS[program]})")
    return found


@contextmanager
def private_network(missing):
    """This thread in a network of its own, and with it each thread and process that begins meanwhile."""
    before = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    try:
        if _LIBC.unshare(CLONE_NEWNET):
            missing(f"a network namespace of its own ({os.strerror(ctypes.get_errno())}; run as root)")
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
                fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
            yield
        finally:
            if _LIBC.setns(before, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "the network of the machine could not be entered again")
    finally:
        os.close(before)


@contextmanager
def running(command, port, log, **options):
    """A program until the end of the block, once it listens on `port` of the loopback; its output is in the file `log`."""
    with log.open("wb") as output, subprocess.Popen([*map(str, command)], stdout=output, stderr=subprocess.STDOUT, **options) as process:
        try:
            end = time.monotonic() + START_S
            while not listens(port):
                assert process.poll() is None, f"{command[0]} ended: {log.read_text(errors='replace')[-2000:]}"
                assert time.monotonic() < end, f"{command[0]} does not listen: {log.read_text(errors='replace')[-2000:]}"
                time.sleep(0.02)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def listens(port):
    """Whether a socket of this thread's network listens there; nothing is connected, which a server may count as a visit."""
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/thread-self/net/{name}").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


def orthanc_settings(folder, *, encoding="Utf8", board=("EDGEUS", LISTEN), more=None):
    """The configuration of an Orthanc that stores in `folder`; `board` is who it reports commitments to."""
    return {
        "Name": f"test {encoding}",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(PLUGINS)],
        "DicomAet": "ORTHANC",
        "DicomPort": ORTHANC_DICOM,
        "HttpPort": ORTHANC_HTTP,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowFindWorklist": True,
        "DefaultEncoding": encoding,
        "DicomModalities": {"edge": [board[0], "127.0.0.1", board[1]]},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "Worklists": {"Enable": True, "Database": str(folder / "worklists")},
        **(more or {}),
    }


@contextmanager
def orthanc(folder, missing, **settings):
    """Orthanc in a private network: AE title ORTHANC on ORTHANC_DICOM, REST and DICOMweb on ORTHANC_HTTP."""
    for each in ("storage", "worklists"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    file = folder / "orthanc.json"
    file.write_text(json.dumps(orthanc_settings(folder, **settings), indent=1))
    with running([find("Orthanc", missing), file], ORTHANC_HTTP, folder / "orthanc.log") as process:
        yield process


@contextmanager
def wlmscpfs(folder, missing, *, keep_character_set, entries=()):
    """dcmtk's worklist, AE title WLM on WORKLIST, with these datasets. By default it strips the character set from its answers."""
    place = folder / "WLM"
    place.mkdir(parents=True)
    (place / "lockfile").touch()
    for number, entry in enumerate(entries):
        entry.save_as(place / f"{number}.wl", enforce_file_format=True)
    options = ["-csk"] if keep_character_set else []
    with running([find("wlmscpfs", missing), *options, "-dfp", folder, WORKLIST], WORKLIST, folder / "wlmscpfs.log") as process:
        yield process


@contextmanager
def storescp(folder, missing, *options):
    """dcmtk's store, on STORE, with options such as --abort-during."""
    folder.mkdir(parents=True, exist_ok=True)
    with running([find("storescp", missing), *options, "-od", folder, STORE], STORE, folder / "storescp.log") as process:
        yield process
