"""Resources of a FHIR server, of which a test changes what it wants."""

import json

from tests.edge.exchange.encounters.messages import NAME

BASE = "http://ehr.example/fhir"
SEARCHSET = {"resourceType": "Bundle", "type": "searchset"}


def patient(ident="p1", **changed):
    family, given = NAME.split("^")
    made = {
        "resourceType": "Patient", "id": ident, "gender": "female", "birthDate": "1981-03-02",
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:hosp", "value": "P-1", "assigner": {"display": "HOSP"}}],
        "name": [{"use": "official", "family": family, "given": [given]}],
    }  # fmt: skip
    return {**made, **changed}


def encounter(ident="e1", subject="Patient/p1", **changed):
    made = {
        "resourceType": "Encounter", "id": ident, "status": "in-progress", "class": {"code": "IMP"}, "subject": {"reference": subject},
        "identifier": [{"value": f"V-{ident}"}], "period": {"start": "2026-11-29T08:15:00+03:00"},
        "location": [{"location": {"display": "Ward 3"}, "status": "active"}, {"location": {"display": "ER"}, "status": "completed"}],
    }  # fmt: skip
    return {**made, **changed}


def entries(*resources):
    return [(f"{BASE}/{each['resourceType']}/{each['id']}", each) for each in resources]


def page(*resources, following="", **changed):
    link = [{"relation": "self", "url": BASE}, *([{"relation": "next", "url": following}] if following else [])]
    found = [{"fullUrl": url, "resource": each} for url, each in entries(*resources)]
    return json.dumps({**SEARCHSET, "link": link, "entry": found, **changed}, ensure_ascii=False).encode()
