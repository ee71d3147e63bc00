"""One release of the program as a person uses it: its command line and its API, in processes of their own.

Everything goes through these two doors, because they stay when the modules behind them move.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

PINS = {"admin": "482915", "trainee": "593026", "interpreter": "604137", "over-reader": "715248"}
"""Made for these tests only."""
PATIENCE_S = 100
CHEST = "virtual://chest?size=64&rendered=4&fps=25&b_lines=2&gain_db=10"
"""Small images, so that the archive stays small. They are too dark for a recording until the test takes the zone."""
DARK = "virtual://chest?size=64&rendered=4&fps=5&fixed=1&gain_db=10"
"""A probe without an image: no zone of a draft is recorded automatically."""
DARK_DB, GOOD_DB = 10, 60
"""The gains at which the image counts as lost and as good."""
LOST_FRAMES, LONG_ENOUGH = 12, 60
"""This many frames take longer than the break between two zones, and longer than a zone of the site's protocol must be good."""


@dataclass(frozen=True)
class Program:
    """A checkout of a release."""

    root: Path

    def __post_init__(self):
        where = [sys.executable, "-c", "import edge; print(edge.__file__)"]
        found = subprocess.run(where, capture_output=True, text=True, check=True, cwd=self.root, env=self._environment(self.root)).stdout
        assert Path(found.strip()) == self.root / "edge" / "__init__.py", f"{found} is run in the place of {self.root}"

    def shell(self, data, *arguments, status=0, stdin=""):
        """The output of a command, which must end with `status`."""
        command = [sys.executable, "-m", "edge.cli", *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=self.root, env=self._environment(data))
        assert done.returncode == status, (arguments, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        assert "Traceback" not in done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, data, *arguments, **options):
        return json.loads(self.shell(data, *arguments, "--json", **options))

    @contextmanager
    def running(self, data, source=CHEST):
        """The appliance's address, while it runs on a data folder; it is stopped in good order."""
        command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--threads", "1", "--source", source]
        with (data.parent / "run.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.root, env=self._environment(data))
        try:
            line = process.stdout.readline()
            assert "http://" in line, (data.parent / "run.log").read_text()[-3000:]
            yield line.split()[1]
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def _environment(self, data):
        others = {name: value for name, value in os.environ.items() if not name.startswith("SONOEDGE_")}
        ours = {"SONOEDGE_DATA_DIR": str(data), "SONOEDGE_LOG_LEVEL": "warning", "SONOEDGE_SETTINGS": ""}
        return others | ours | {"PYTHONPATH": str(self.root), "COLUMNS": "200"}


class Tablet:
    """A person's browser: stores its cookie, sends the matching token, and requires the status of each answer (one, or one of several)."""

    def __init__(self, url, badge=""):
        self._url = url + "api/v1/"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._csrf = ""
        if badge:
            self._csrf = self.ask("POST", "sessions", {"name": badge, "pin": PINS[badge]}, status=201)["csrf_token"]

    def ask(self, method, path, body=None, *, status=200, version=None):
        request = urllib.request.Request(self._url + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        request.add_header("X-CSRF-Token", self._csrf)
        if version is not None:
            request.add_header("If-Match", f'"{version}"')
        try:
            answer = self._open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        assert answer.status in (status if isinstance(status, tuple) else (status,)), (method, path, answer.status, content[:500])
        return json.loads(content) if "json" in answer.headers["Content-Type"] else content

    def get(self, path):
        return self.ask("GET", path)

    def items(self, path):
        return self.get(path)["items"]

    def version(self, exam):
        return self.get(f"exams/{exam}")["version"]

    def begin(self, protocol, **more):
        return self.ask("POST", "exams", {"protocol": protocol, **more}, status=201)["id"]

    def zone(self, exam, zone):
        return next(each for each in self.get(f"exams/{exam}")["zones"] if each["id"] == zone)

    def take(self, exam, zone, frames=0):
        """Records a zone once its image was good for long enough, or for this many frames; the image is lost before and after that."""
        self.ask("POST", f"exams/{exam}/zones/{zone}/select")
        until(lambda: self._show(exam, zone, frames))
        self._set_gain(DARK_DB)

    def _set_gain(self, gain_db):
        """The probe of a busy machine may need several requests."""
        until(lambda: self.ask("PUT", "source/settings", {"gain_db": gain_db}, status=(200, 503)).get("gain_db") == gain_db)

    def _show(self, exam, zone, frames):
        """Shows no image, then the zone; returns whether it is recorded. A busy machine may have read too few frames of either."""
        for gain_db, wanted in ((DARK_DB, LOST_FRAMES), (GOOD_DB, frames or LONG_ENOUGH)):
            self._set_gain(gain_db)
            self.wait_for_frames(wanted)
        if frames:
            self.ask("POST", f"exams/{exam}/zones/{zone}/keep", status=(200, 409))
        return self.zone(exam, zone)["state"] == "done"

    def wait_for_frames(self, frames):
        wanted = self.get("source/counts")["read"] + frames
        until(lambda: self.get("source/counts")["read"] >= wanted)

    def skip(self, exam, zone, reason="pain", note=""):
        self.ask("POST", f"exams/{exam}/zones/{zone}/skip", {"reason": reason, "note": note})

    def end(self, exam):
        self.ask("POST", f"exams/{exam}/end")

    def review(self, exam, verdict="absent", *, save=True):
        """A reader's own answer, blind where the site requires it."""
        begun = self.ask("POST", f"exams/{exam}/reviews", status=201)
        if save:
            zones = {zone: {"findings": dict.fromkeys(keys, verdict)} for zone, keys in begun["to_read"].items()}
            quality = {"scale": "lung-5", "version": "1.0.0", "value": 4}
            answer = {"zones": zones, "quality": quality, "comment": "Pleura regular"}
            self.ask("PUT", f"reviews/{begun['id']}", answer, version=begun["version"])
        return begun

    def decide(self, exam, most=None):
        """Accepts the open findings, or this many of them."""
        waiting = [each for each in self.get(f"exams/{exam}/findings") if each["decision"] == "open" and not each["superseded_at"]]
        for finding in waiting[:most]:
            self.ask("POST", f"findings/{finding['id']}/decision", {"decision": "accepted"}, version=finding["version"])

    def sign(self, exam):
        return self.ask("POST", f"exams/{exam}/sign", version=self.version(exam))

    def amend(self, exam, why="The second reader saw it otherwise", findings=()):
        return self.ask("POST", f"exams/{exam}/amend", {"why": why, "findings": list(findings)}, version=self.version(exam))


def until(holds):
    """Waits for a condition, much longer than it needs."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
