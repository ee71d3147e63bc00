"""What works on this machine, what does not, and what to do: one function for each question, and one table of all questions."""

import grp
import importlib.metadata
import json
import os
import platform
import pwd
import re
import sys
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

import numpy as np

from edge.disk.access import denied
from edge.health.finding import Answer, Finding, Verdict
from edge.health.port import PortOccupied, listen
from edge.health.stored import backups, data_folder, records
from edge.inference.acceptance.acceptances import Acceptances
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.shelf import Shelf
from edge.records.clock import wall
from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import Frame
from firmware_bridge.sources.ports import find_ports

PYTHON_OLDEST = (3, 10)
FRAME_SLOW_MS = 100
"""A model that takes longer than this gives fewer than ten readings a second."""

CLOCK_OLDEST_S = 1_735_689_600
"""2025-01-01: a board without a clock battery starts with a date years before this."""

TRIALS = 5
ANSWER_S, ANSWER_LIMIT = 2, 1024 * 1024
USB_DEVICES = Path("/sys/bus/usb/devices")
CORAL_IDS = {("1a6e", "089a"): "a Coral accelerator that was not used yet", ("18d1", "9302"): "a Coral accelerator"}
SERIAL_GROUP = "dialout"
RULE = Path("/etc/udev/rules.d/60-sonoedge.rules")


def examine(settings: Settings) -> list[Finding]:
    """Asks every question. A question that raises an error has failed."""
    return [_ask(name, question, settings) for name, question in QUESTIONS.items()]


def examine_running(settings: Settings) -> list[Finding]:
    """Asks what disturbs no exam, from inside the running appliance, and states what it did not ask."""
    return [_left_out(name, AT_REST[name]) if name in AT_REST else _ask(name, question, settings) for name, question in QUESTIONS.items()]


def _left_out(name: str, why: str) -> Finding:
    return Finding(name, Verdict.NOT_CHECKED, f"not checked while the appliance runs: {why}", "Run sonoedge doctor in the board's shell")


def _ask(name: str, question: Callable[[Settings], Answer], settings: Settings) -> Finding:
    try:
        return Finding(name, *question(settings))
    except SonoEdgeError as error:
        return Finding(name, Verdict.FAILED, error.what, error.fix)
    except PermissionError as error:
        refused = denied(Path(str(error.filename)), ["sonoedge", "doctor"])
        return Finding(name, Verdict.FAILED, refused.what, refused.fix)
    except Exception as error:
        return Finding(name, Verdict.FAILED, f"{type(error).__name__}: {error}", "Report this with the output of sonoedge doctor --json")


def _machine(_: Settings) -> Answer:
    try:
        board = Path("/proc/device-tree/model").read_text().rstrip("\0")
    except OSError:
        board = "a computer"
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return Verdict.OK, f"{board}, {platform.machine()}, {os.cpu_count()} cores, {memory_mb} MB, {platform.platform()}", ""


def _python(_: Settings) -> Answer:
    if sys.version_info[:2] < PYTHON_OLDEST:
        return Verdict.FAILED, f"Python {platform.python_version()} is too old", "Install Python 3.10 or newer"
    return Verdict.OK, f"Python {platform.python_version()}", ""


def _packages(_: Settings) -> Answer:
    absent = []
    for requirement in importlib.metadata.requires("sonoedge") or []:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        if ";" not in requirement and not _installed(name):
            absent.append(name)
    if absent:
        return Verdict.FAILED, f"missing: {', '.join(absent)}", "Run make demo again, or provisioning/install.sh"
    return Verdict.OK, f"sonoedge {importlib.metadata.version('sonoedge')} with all packages that it needs", ""


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _model(settings: Settings) -> Answer:
    decision = decide(settings.model, Shelf.of(settings.data_dir), settings.threads)
    reader, release = decision.reader, decision.reader.release
    blank = Frame(np.zeros((480, 640), np.uint8), 0, 0, 0)
    taken_ms = median(timed_ms(reader, blank) for _ in range(TRIALS))
    interpreter = reader.interpreter
    detail = f"{release.name} {release.version} reads a frame in {taken_ms:.1f} ms on {interpreter.runtime} {interpreter.version}"
    detail += f", {settings.threads} thread{'s' if settings.threads > 1 else ''}; {decision.why}"
    if decision.problem is not None:
        return Verdict.ATTENTION, f"{detail}, because the active release cannot be used: {decision.problem.what}", decision.problem.fix
    if taken_ms > FRAME_SLOW_MS:
        return Verdict.ATTENTION, detail, f"Frames above {1000 / taken_ms:.0f} a second are dropped; raise threads or close programs"
    if unheard := Acceptances.of(settings.data_dir).unheard(release.sha256, wall()):
        return Verdict.ATTENTION, "; ".join((detail, *unheard)), "See sonoedge model acceptances"
    return Verdict.OK, detail, ""


def timed_ms(reader: Reader, frame: Frame) -> float:
    begun = time.perf_counter()
    reader.read(frame)
    return (time.perf_counter() - begun) * 1000


def _serial_ports(_: Settings) -> Answer:
    ports = [port for port in find_ports() if port.usb_id or port.path.startswith("/dev/tty")]
    if not ports:
        return Verdict.ATTENTION, "no serial port", "Plug the probe in; if you have none, try sonoedge demo"
    closed = [port.path for port in ports if not port.may_open]
    if closed:
        user = pwd.getpwuid(os.geteuid()).pw_name
        fix = f"Run: sudo usermod -aG {SERIAL_GROUP} {user}, and log in again" if _has_group() else _rule_fix()
        return Verdict.ATTENTION, f"the user {user} is not allowed to open {', '.join(closed)}", fix
    unprotected = [port.path for port in ports if port.usb_id and not port.modem_manager_stays_off]
    if unprotected and _runs("ModemManager"):
        return Verdict.ATTENTION, f"ModemManager can mistake {', '.join(unprotected)} for a modem and block it", _rule_fix()
    return Verdict.OK, ", ".join(port.path for port in ports), ""


def _rule_fix() -> str:
    if RULE.exists():
        return f"Run: sudo udevadm control --reload && sudo udevadm trigger, then plug the probe in again ({RULE} is installed)"
    return f"The udev rule {RULE} is missing. Run: sudo cp provisioning/{RULE.name} {RULE} && sudo udevadm control --reload, plug in again"


def _runs(program: str) -> bool:
    return any(_text(process / "comm") == program for process in Path("/proc").glob("[0-9]*"))


def _has_group() -> bool:
    return any(group.gr_name == SERIAL_GROUP for group in grp.getgrall())


def _port(settings: Settings) -> Answer:
    where = f"{settings.host}:{settings.port}"
    try:
        listen(settings.host, settings.port).close()
    except PortOccupied:
        health = asked(settings, "health", HTTPStatus.SERVICE_UNAVAILABLE)
        if health is not None:
            problem = json.loads(health)
            return Verdict.FAILED, f"the appliance on {where} is not ready: {problem['detail']}", problem["fix"]
        if asked(settings, "version") is None:
            raise
        return Verdict.OK, f"the appliance answers on {where}", ""
    return Verdict.OK, f"{where} is free", ""


def asked(settings: Settings, route: str, status: HTTPStatus = HTTPStatus.OK) -> bytes | None:
    """The answer of the appliance that runs here; None if there is none with this status."""
    connection = HTTPConnection(settings.host, settings.port, timeout=ANSWER_S)
    try:
        connection.request("GET", f"/api/v1/{route}")
        answer = connection.getresponse()
        return answer.read(ANSWER_LIMIT) if answer.status == status else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _source(settings: Settings) -> Answer:
    answer = asked(settings, "source")
    if answer is None:
        return Verdict.OK, "no appliance runs here", ""
    source = json.loads(answer)
    detail = f"{source['name'] or source['url'] or 'no source'} is {source['state']}"
    if source["problem"]:
        return Verdict.ATTENTION, f"{detail}: {source['problem']}", source["fix"]
    return Verdict.OK, detail, ""


def _clock(_: Settings) -> Answer:
    now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    if time.time() < CLOCK_OLDEST_S:
        return (
            Verdict.FAILED,
            f"the clock is wrong: it shows {now} UTC",
            "Set it: sudo date -u -s 'YYYY-MM-DD HH:MM', or install a clock battery",
        )
    return Verdict.OK, f"{now} UTC", ""


def _accelerator(_: Settings) -> Answer:
    for device in USB_DEVICES.glob("*"):
        ids = tuple(_text(device / name) for name in ("idVendor", "idProduct"))
        if ids in CORAL_IDS:
            return Verdict.OK, f"{CORAL_IDS[ids]} ({':'.join(ids)}); this release of SonoEdge does not use it", ""
    return Verdict.OK, "none; the processor reads the frames", ""


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


QUESTIONS: dict[str, Callable[[Settings], Answer]] = {
    "machine": _machine,
    "python": _python,
    "packages": _packages,
    "model": _model,
    "serial ports": _serial_ports,
    "page's port": _port,
    "source": _source,
    "data folder": data_folder,
    "records": records,
    "backups": backups,
    "clock": _clock,
    "accelerator": _accelerator,
}

AT_REST: Mapping[str, str] = {
    "model": "a trial would take the processor from the readings",
    "page's port": "the appliance itself holds it",
    "source": "the appliance itself reads it, and states its state",
    "records": "reading all of them would take the disk from the exam",
}
"""Questions that `examine_running` does not ask, and why."""
