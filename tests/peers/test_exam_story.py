"""A whole day at one appliance, through HTTP only: enrolment, a scan by a trainee, a blind review, a signature and an amendment."""

import base64
import hashlib
import io
import json
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

import pypdfium2
import pytest
from mcap.reader import make_reader

from edge.appliance import Appliance
from edge.notice import NOTICE
from edge.settings import Settings

pytestmark = [pytest.mark.slow]

PATIENT = {"identifier": "P-0001", "issuer": "Gondar", "name": "ሰላማዊት አበበ", "birth_date": "1981-03-02", "sex": "female"}
CONTEXT = {"complaint": "short of breath for three days", "spo2": {"value": 91, "unit": "%"}, "temperature": {"value": 38.4, "unit": "Cel"}}
QUALITY = {"scale": "lung-5", "version": "1.0.0", "value": 4}
PINS = {"admin": "482915", "trainee": "593026", "interpreter": "604137", "over-reader": "715248"}
ROLES = {"trainee": "scan", "interpreter": "interpret", "over-reader": "over-read"}
NAMES = {"admin": "Hana Girma", "trainee": "Almaz Bekele", "interpreter": "Yonas Tesfaye", "over-reader": "Sara Hagos"}
IN_AIR = 40
"""Frames in air between two zones."""
ZONE_S = 20
"""After this time the trainee stores the zone as it is."""
PATIENCE_S = 60


def display_name(who):
    """The person's name in records and reports."""
    return f"{NAMES[who]} ({who})"


class Tablet:
    """One person's browser: stores its cookie, sends the matching token, and checks the status of each answer."""

    def __init__(self, url):
        self._url = url + "api/v1/"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._csrf = ""

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
        assert answer.status == status, (method, path, answer.status, content[:500])
        self.headers = answer.headers
        return json.loads(content) if "json" in answer.headers["Content-Type"] else content

    def sign_in(self, who):
        self._csrf = self.ask("POST", "sessions", {"name": who, "pin": PINS[who]}, status=201)["csrf_token"]
        return self


def test_a_day_from_the_first_administrator_to_an_amended_report(bedside, tmp_path):
    settings = Settings(source=bedside.source, port=0, data_dir=tmp_path / "data", threads=2, protocol="blue-6")
    with Appliance(settings, wait_for_source=True) as appliance:
        admin, trainee, interpreter, over_reader = enrol(appliance.url)
        exam = scan(trainee, bedside)
        preliminary(trainee, exam, simulated=bedside.simulated)
        review(interpreter, exam)
        first = sign(interpreter, exam)
        over_read(over_reader, exam)
        amend(interpreter, exam, first)
        picture = paper(interpreter, exam)
        picture.save(tmp_path / "report.png")
        audited(admin, exam)


def enrol(url):
    admin = Tablet(url)
    first = {"badge": "admin", "name": NAMES["admin"], "pin": PINS["admin"]}
    admin.ask("POST", "claim", first, status=201)
    assert admin.ask("POST", "claim", first, status=409)["type"] == "urn:sonoedge:already-claimed"
    admin.ask("GET", "exams", status=401)
    admin.sign_in("admin")
    for badge, role in ROLES.items():
        made = admin.ask("POST", "operators", {"badge": badge, "name": NAMES[badge], "pin": PINS[badge]}, status=201)
        admin.ask("POST", f"operators/{made['id']}/grants", {"role": role, "protocol": "blue-6"}, status=201)
    return admin, *(Tablet(url).sign_in(who) for who in ROLES)


def scan(trainee, bedside):
    """Records every zone, ends the exam and returns its id."""
    exam = trainee.ask("POST", "exams", {"protocol": "blue-6", "patient": PATIENT, "context": CONTEXT}, status=201)
    for zone in [each["id"] for each in exam["zones"]]:
        bedside.lift()
        wait_for_frames(trainee)
        bedside.show(zone)
        trainee.ask("POST", f"exams/{exam['id']}/zones/{zone}/select")
        take(trainee, exam["id"], zone)
    ended = trainee.ask("POST", f"exams/{exam['id']}/end")
    assert (ended["state"], ended["qualified"], {zone["state"] for zone in ended["zones"]}) == ("preliminary", False, {"done"})
    assert ended["standing"].startswith("preliminary, needs review")
    return exam["id"]


def wait_for_frames(trainee):
    wanted, end = trainee.ask("GET", "source/counts")["read"] + IN_AIR, time.monotonic() + PATIENCE_S
    while trainee.ask("GET", "source/counts")["read"] < wanted:
        assert time.monotonic() < end, "the probe sends no frames"
        time.sleep(0.1)


def take(trainee, exam, zone):
    """Waits until the appliance stores the zone; if the image is not good in this time, stores the zone as it is."""
    begun = time.monotonic()
    while not is_done(trainee, exam, zone):
        assert time.monotonic() - begun < ZONE_S + PATIENCE_S, f"no clip of {zone} was stored"
        if time.monotonic() - begun > ZONE_S:
            keep(trainee, exam, zone)
        time.sleep(0.2)


def keep(trainee, exam, zone):
    try:
        trainee.ask("POST", f"exams/{exam}/zones/{zone}/keep")
    except AssertionError:
        assert is_done(trainee, exam, zone), "neither the appliance nor the trainee stored the zone"


def is_done(trainee, exam, zone):
    return next(each["state"] for each in trainee.ask("GET", f"exams/{exam}")["zones"] if each["id"] == zone) == "done"


def preliminary(trainee, exam, *, simulated):
    findings = trainee.ask("GET", f"exams/{exam}/findings")
    assert len(findings) == 18
    assert all(finding["decision"] == "open" and finding["notice"] == NOTICE for finding in findings)
    report = trainee.ask("GET", f"exams/{exam}/report")
    assert (report["status"], report["number"], report["signed_by"], report["simulated"]) == ("preliminary", 0, None, simulated)
    assert report["patient"]["name"] == PATIENT["name"]
    assert {each["name"]: each["by"] for each in report["context"]}["oxygen saturation"] == display_name("trainee")
    assert "PRELIMINARY" in text_of(trainee.ask("GET", f"exams/{exam}/report.pdf"))
    trainee.ask("POST", f"exams/{exam}/sign", version=1, status=403)
    trainee.ask("POST", f"exams/{exam}/reviews", status=403)


def review(interpreter, exam):
    assert [(each["exam"], each["reasons"]) for each in interpreter.ask("GET", "reviews/queue")["items"]] == [(exam, ["unqualified"])]
    begun = interpreter.ask("POST", f"exams/{exam}/reviews", status=201)
    assert begun["blind"]
    shows_no_answer(interpreter, exam)
    assert interpreter.ask("GET", f"exams/{exam}/clips")
    zones = {zone: {"findings": dict.fromkeys(keys, "not assessable")} for zone, keys in begun["to_read"].items()}
    zones["L1"] = {"findings": {"b_lines": "present", "a_lines": "absent", "severity_2_plus": "absent"}, "score": 1}
    answer = {"zones": zones, "quality": QUALITY, "comment": "Pleura regular on the left"}
    interpreter.ask("PUT", f"reviews/{begun['id']}", {**answer, "zones": {}}, version=begun["version"], status=409)
    saved = interpreter.ask("PUT", f"reviews/{begun['id']}", answer, version=begun["version"])
    interpreter.ask("PUT", f"reviews/{begun['id']}", answer, version=saved["version"], status=412)
    assert saved["answer"]["zones"]["L1"]["score"] == 1
    assert interpreter.ask("GET", f"exams/{exam}/report")["status"] == "preliminary"
    assert interpreter.ask("GET", "reviews/queue")["items"] == []


def shows_no_answer(reader, exam):
    """No route of the exam shows the model's answer or another reader's."""
    assert reader.ask("GET", f"exams/{exam}")["shown"] is False
    for path in (f"exams/{exam}/findings", "findings"):
        page = reader.ask("GET", path)
        for finding in page["items"] if isinstance(page, dict) else page:
            assert {finding[name] for name in ("probability", "logit", "verdict", "word", "decision", "decided")} == {None}
    for path in ("report", "report.pdf", "reports"):
        reader.ask("GET", f"exams/{exam}/{path}", status=409)
    assert all(each["saved_at"] is None for each in reader.ask("GET", f"exams/{exam}/reviews"))
    for clip in reader.ask("GET", f"exams/{exam}/clips"):
        recording = io.BytesIO(reader.ask("GET", f"clips/{clip['id']}/recording"))
        topics = {channel.topic for _, channel, _ in make_reader(recording).iter_messages()}
        assert any(topic.startswith("/image") for topic in topics)
        assert "/reading" not in topics


def sign(interpreter, exam):
    version = interpreter.ask("GET", f"exams/{exam}")["version"]
    interpreter.ask("POST", f"exams/{exam}/sign", status=428)
    undecided = interpreter.ask("POST", f"exams/{exam}/sign", version=version, status=409)
    assert "18 findings of the exam have no decision yet" in undecided["detail"]
    for finding in interpreter.ask("GET", f"exams/{exam}/findings"):
        interpreter.ask("POST", f"findings/{finding['id']}/decision", {"decision": "accepted"}, version=finding["version"])
    version = interpreter.ask("GET", f"exams/{exam}")["version"]
    interpreter.ask("POST", f"exams/{exam}/sign", version=version + 1, status=412)
    report = interpreter.ask("POST", f"exams/{exam}/sign", version=version)
    assert (report["status"], report["number"], report["signed_by"]) == ("final", 1, display_name("interpreter"))
    assert report["reviews"][0]["reader"] == display_name("interpreter")
    interpreter.ask("POST", f"exams/{exam}/sign", version=version + 1, status=409)
    return report


def over_read(over_reader, exam):
    waiting = over_reader.ask("GET", "reviews/queue")["items"]
    assert waiting[0]["exam"] == exam
    assert "novice" in waiting[0]["reasons"]
    shows_no_answer(over_reader, exam)
    begun = over_reader.ask("POST", f"exams/{exam}/reviews", status=201)
    assert (begun["kind"], begun["blind"]) == ("over-read", True)
    shows_no_answer(over_reader, exam)
    zones = {zone: {"findings": dict.fromkeys(keys, "absent")} for zone, keys in begun["to_read"].items()}
    saved = over_reader.ask("PUT", f"reviews/{begun['id']}", {"zones": zones, "quality": QUALITY}, version=begun["version"])
    assert "L1:b_lines" in saved["discordant"]
    assert len(over_reader.ask("GET", f"exams/{exam}/reviews")) == 2
    assert over_reader.ask("GET", f"exams/{exam}/report")["status"] == "final"


def amend(interpreter, exam, first):
    version = interpreter.ask("GET", f"exams/{exam}")["version"]
    finding = first["zones"][0]["findings"][0]["id"]
    change = {"why": "The second reader saw it otherwise", "findings": [{"finding": finding, "decision": "edited", "verdict": "absent"}]}
    interpreter.ask("POST", f"exams/{exam}/amend", {**change, "why": " "}, version=version, status=409)
    second = interpreter.ask("POST", f"exams/{exam}/amend", change, version=version)
    assert (second["status"], second["number"], second["why"]) == ("amended", 2, change["why"])
    assert second["zones"][0]["findings"][0]["stated"] == "absent"
    assert interpreter.ask("GET", f"exams/{exam}/report?number=1") == first
    given_out = interpreter.ask("GET", f"exams/{exam}/reports")
    assert [(each["number"], each["status"]) for each in given_out] == [(1, "final"), (2, "amended")]
    interpreter.ask("GET", f"exams/{exam}/report?number=1")
    assert interpreter.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(given_out[0]['sha256'])).decode()}:"
    interpreter.ask("GET", f"exams/{exam}/report?number=3", status=404)


def paper(interpreter, exam):
    """The report page as an image; checks that it has the content of the JSON report."""
    content = interpreter.ask("GET", f"exams/{exam}/report.pdf")
    assert hashlib.sha256(content).digest() == hashlib.sha256(interpreter.ask("GET", f"exams/{exam}/report.pdf")).digest()
    text = text_of(content)
    for wanted in (
        "AMENDED",
        "The second reader saw it otherwise",
        "P-0001",
        NAMES["interpreter"],
        NAMES["trainee"],
        NOTICE[1:],
        "L1",
        "R3",
    ):
        assert wanted in text
    return pypdfium2.PdfDocument(content)[0].render(scale=2).to_pil()


def text_of(content):
    """The first page of a report; the second one has the pictures of its zones."""
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 2
    assert "The best picture of each recorded zone" in document[1].get_textpage().get_text_range()
    return " ".join(document[0].get_textpage().get_text_range().split())


def audited(admin, exam):
    acts = [entry["act"] for entry in admin.ask("GET", f"audit?subject=exam/{exam}&limit=200")["items"]]
    assert {"exam.begun", "exam.ended", "exam.signed", "exam.amended"} <= set(acts)
    assert admin.ask("POST", "audit/verify")["whole"]
