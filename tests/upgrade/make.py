"""Makes a data folder with a released program, and stores it in one archive together with the output of that program for it.

    python tests/upgrade/make.py CHECKOUT tests/upgrade/NAME.tar.xz

CHECKOUT is a working tree of the release (`git worktree add --detach ../released f4f6dfd`). Only its own programs do the work; no other
module of this tree is imported. The folder holds exams in every state, by people with different roles, with blind and open reviews,
decisions and reports; a zone that was taken again; a site's protocol; a probe check, a recording, notices and backups. `shown.json` is the
output of the release.
"""

import json
import sys
import tarfile
import tempfile
from pathlib import Path

from program import DARK, PINS, Program, Tablet

ROLES = {"trainee": "scan", "interpreter": "interpret", "over-reader": "over-read"}
NAMES = {"admin": "Hana Girma", "trainee": "Almaz Bekele", "interpreter": "Yonas Tesfaye", "over-reader": "Sara Hagos"}
PATIENT = {"identifier": "P-0001", "issuer": "Gondar", "name": "ሰላማዊት አበበ", "birth_date": "1981-03-02", "sex": "female"}
CONTEXT = {"complaint": "cough for three days", "spo2": {"value": 91, "unit": "%"}, "pulse": {"value": 104, "unit": "/min"}}
SITE = "two-points"
PROTOCOL = """\
id: two-points
name: Two points of this site
version: 1.0.0
source: Made for a test
acquisitions:
  any:
    positions: [supine]
    probes: [curvilinear, sector]
    depth_mm: [80, 160]
    frequency_mhz: [2, 7.5]
    presets: [lung]
    seconds: 1
    findings: [b_lines, a_lines, severity_2_plus]
zones:
  - {id: L1, name: Left, side: left, draw: {view: front, x: 0.66, y: 0.28}, acquisition: any}
  - {id: R1, name: Right, side: right, draw: {view: front, x: 0.34, y: 0.28}, acquisition: any}
score:
  source: Made for a test
  note: Made for a test
  patterns:
    - {score: 0, name: Regular, when: {b_lines: absent, severity_2_plus: absent}}
    - {score: 1, name: Vertical artefacts, when: {b_lines: present}}
    - {score: 2, name: Consolidations, when: {severity_2_plus: present}}
"""


def make(program, data):
    """Fills an empty data folder."""
    (data / "protocols").mkdir(parents=True)
    (data / "protocols" / f"{SITE}.yaml").write_text(PROTOCOL)
    with program.running(data) as url:
        admin, trainee, interpreter, over_reader = enrol(url)
        trainee.ask("POST", "probe/checks", {}, status=201)
        amended = read_and_signed(trainee, interpreter)
        over_reader.review(amended)
        interpreter.amend(amended)
        read_and_signed(trainee, interpreter)
        admin.ask("POST", "backups", status=201)
        preliminary(trainee, interpreter)
        emergency(url, trainee, interpreter)
        record(trainee)
        admin.ask("POST", "backups", status=201)
        draft(trainee)


def enrol(url):
    admin = Tablet(url)
    admin.ask("POST", "claim", {"badge": "admin", "name": NAMES["admin"], "pin": PINS["admin"]}, status=201)
    admin = Tablet(url, "admin")
    for badge, role in ROLES.items():
        made = admin.ask("POST", "operators", {"badge": badge, "name": NAMES[badge], "pin": PINS[badge]}, status=201)
        admin.ask("POST", f"operators/{made['id']}/grants", {"role": role, "protocol": "*"}, status=201)
    return admin, *(Tablet(url, badge) for badge in ROLES)


def read_and_signed(trainee, interpreter):
    exam = trainee.begin(SITE, patient=PATIENT, context=CONTEXT)
    trainee.take(exam, "L1")
    trainee.take(exam, "R1")
    trainee.end(exam)
    interpreter.review(exam, "present")
    interpreter.decide(exam)
    interpreter.sign(exam)
    return exam


def preliminary(trainee, interpreter):
    """One zone taken again, one skipped, four not examined; one finding is accepted."""
    exam = trainee.begin("blue-6", patient=PATIENT | {"identifier": "P-0002"})
    trainee.take(exam, "L1", frames=4)
    trainee.ask("POST", f"exams/{exam}/zones/L1/reopen")
    trainee.take(exam, "L1", frames=4)
    trainee.skip(exam, "L2", "other", "a plaster is there")
    trainee.end(exam)
    interpreter.decide(exam, most=1)


def emergency(url, trainee, interpreter):
    """An unknown patient; a review that is begun and not saved; break-glass makes a notice."""
    Tablet(url).ask("POST", "sessions/break-glass", {"reason": "Nobody else is here"}, status=201)
    exam = trainee.begin(SITE, emergency=True)
    trainee.take(exam, "R1")
    trainee.end(exam)
    interpreter.review(exam, save=False)


def record(trainee):
    trainee.ask("POST", "recording", status=201)
    trainee.wait_for_frames(3)
    trainee.ask("DELETE", "recording")


def draft(trainee):
    """An unfinished exam: one zone done, one skipped, four not examined."""
    exam = trainee.begin("blue-6", patient=PATIENT, context=CONTEXT)
    trainee.take(exam, "L1", frames=4)
    trainee.skip(exam, "R1")


def shown(program, data):
    """The output of the release through both doors: by path of the API, and by command."""
    with program.running(data, DARK) as url:
        reader = Tablet(url, "admin")
        api = {path: reader.get(path) for path in ("exams?limit=100", "patients", "notices", "protocols")}
        for exam in api["exams?limit=100"]["items"]:
            for path in (f"exams/{exam['id']}", *(f"exams/{exam['id']}/{noun}" for noun in ("clips", "findings", "reviews", "reports"))):
                api[path] = reader.get(path)
            for report in api[f"exams/{exam['id']}/reports"]:
                path = f"exams/{exam['id']}/report?number={report['number']}"
                api[path] = reader.get(path)
    cli = {"exam list": program.json(data, "exam", "list")}
    cli |= {f"exam show {exam['id']}": program.json(data, "exam", "show", exam["id"]) for exam in cli["exam list"]}
    return {"api": api, "cli": cli}


def main(checkout, archive):
    program = Program(Path(checkout).resolve())
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        make(program, data)
        (Path(place) / "shown.json").write_text(json.dumps(shown(program, data), indent=1, ensure_ascii=False))
        with tarfile.open(archive, "w:xz") as packed:
            for name in ("data", "shown.json"):
                packed.add(Path(place) / name, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
