"""Who and what took part in an exam: the patient, the persons, the appliance, the machine that made the images, and the models.

The extensions and codes of a model are those of HL7's guide "AI Transparency on FHIR" 1.0.0 (STU 1).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from edge.exchange import codes
from edge.exchange.fhir.elements import Json, Resource, Value, coding, concept, filled, id_of, system_of
from edge.exchange.handed import Algorithm, HandedExam
from edge.exchange.names import parts_of
from edge.exchange.stated import admission_of
from edge.records.exams.patients import StoredPatient
from firmware_bridge.machine import Machine

GUIDE = "http://hl7.org/fhir/uv/aitransparency/StructureDefinition"
AI_KIND, AI_MODEL_CARD, AI_CONFIDENCE = (
    f"{GUIDE}/aitransparency.AIKind",
    f"{GUIDE}/aitransparency.modelCardDescription",
    f"{GUIDE}/AIconfidence",
)


@dataclass(frozen=True, slots=True)
class Actors:
    """Persons, machines and models are found by their names in the records, and cards by those of their models."""

    patient: Resource
    encounter: Resource | None
    persons: Mapping[str, Resource]
    appliance: Resource
    machines: Mapping[str, Resource]
    models: Mapping[str, Resource]
    cards: Mapping[str, Resource]

    @property
    def subject(self) -> Json:
        """Of whom a resource is, and of which visit."""
        encounter: Json = {"encounter": self.encounter.reference} if self.encounter else {}
        return {"subject": self.patient.reference, **encounter}

    @property
    def all(self) -> tuple[Resource, ...]:
        encounter = (self.encounter,) if self.encounter else ()
        return (
            self.patient,
            *encounter,
            *self.persons.values(),
            self.appliance,
            *self.machines.values(),
            *self.cards.values(),
            *self.models.values(),
        )


def actors_of(exam: HandedExam) -> Actors:
    """Everyone and everything that the report of an exam names."""
    cards = {name: _card(name, model) for name, model in exam.algorithms.items() if model.card}
    patient = _patient(exam)
    return Actors(
        patient=patient,
        encounter=_encounter(exam, patient),
        persons={name: _person(exam, name) for name in _names(exam)},
        appliance=_appliance(exam),
        machines={name: _machine(name) for name in exam.report.machines if Machine.named(name).known},
        models={name: _model(name, model, cards.get(name)) for name, model in exam.algorithms.items()},
        cards=cards,
    )


def _patient(exam: HandedExam) -> Resource:
    known = exam.exam.patient
    if known is None:
        return _known("Patient", f"not identified, at {exam.station.serial or exam.station.name}", exam.exam.id, {"active": True})
    return _known("Patient", known.issuer, known.identifier, {"active": True, **_facts(known)})


def _facts(patient: StoredPatient) -> Json:
    """What is known of the patient."""
    return filled({"name": _named(patient), "gender": patient.sex or "", "birthDate": patient.birth_date or ""})


def _encounter(exam: HandedExam, patient: Resource) -> Resource | None:
    """The admission or visit, of which only the id is known; None for an exam without one."""
    if not (admission := admission_of(exam)):
        return None
    issuer = exam.exam.patient.issuer if exam.exam.patient else exam.station.name
    content: Json = {"status": "unknown", "class": coding(codes.CLASS_NOT_KNOWN), "subject": patient.reference}
    return _known("Encounter", f"admissions of {issuer}", admission, content)


def _named(patient: StoredPatient) -> Value:
    """The name in each form as it was scheduled; whole where a person entered it, because nobody knows which part of it is the family's."""
    forms = parts_of(patient.dicom_name)
    if not forms:
        return [{"text": patient.name}] if patient.name else []
    return [
        filled(
            {
                "text": patient.name if each is forms[0] else "",
                "family": each.family,
                "given": [part for part in (each.given, each.middle) if part],
                "prefix": [each.prefix] if each.prefix else [],
                "suffix": [each.suffix] if each.suffix else [],
            }
        )
        for each in forms
    ]


def _names(exam: HandedExam) -> tuple[str, ...]:
    report = exam.report
    decided = (finding.decided_by for zone in report.zones for finding in zone.findings)
    every = (exam.exam.operator, report.signed_by, *decided, *(review.reader for review in report.reviews))
    return tuple(dict.fromkeys(name for name in every if name))


def _person(exam: HandedExam, name: str) -> Resource:
    return _known("Practitioner", f"people at {exam.station.serial or exam.station.name}", name, {"name": [{"text": name}]})


def _appliance(exam: HandedExam) -> Resource:
    station = exam.station
    content: Json = {
        "manufacturer": station.manufacturer,
        "serialNumber": station.serial,
        "deviceName": [{"name": station.name, "type": "user-friendly-name"}, {"name": station.model, "type": "model-name"}],
        "type": concept(text="Point-of-care ultrasound appliance"),
        "version": [{"value": version} for version in station.versions],
    }
    return _known("Device", "SonoEdge appliances", station.serial or station.name, filled(content))


def _machine(name: str) -> Resource:
    """What made the images, as the source or a person names it."""
    machine = Machine.named(name)
    maker: Json = {"manufacturer": machine.maker} if machine.maker else {}
    return _known(
        "Device",
        "ultrasound machines",
        name,
        {**maker, "deviceName": [{"name": name, "type": "model-name"}], "type": concept(text="Ultrasound scanner and transducer")},
    )


def _model(name: str, model: Algorithm, card: Resource | None) -> Resource:
    extensions: list[Json] = [{"url": AI_KIND, "valueCodeableConcept": concept(codes.DEEP_LEARNING)}]
    if card:
        extensions.append({"url": AI_MODEL_CARD, "valueReference": card.reference})
    content: Json = {
        "extension": extensions,
        "deviceName": [{"name": model.name, "type": "model-name"}],
        "type": concept(codes.AI_DEVICE),
        "property": [
            {"type": concept(text=parameter), "valueCode": [concept(text=value)]}
            for parameter, value in {"sha256": model.sha256, **model.parameters}.items()
            if value
        ],
        "version": [{"value": model.version}] if model.version else [],
    }
    return _known("Device", "SonoEdge models", _ident(name, model), filled(content))


def _card(name: str, model: Algorithm) -> Resource:
    content = model.card.encode()
    attachment: Json = {
        "contentType": "text/html",
        "data": base64.b64encode(content).decode(),
        "size": len(content),
        "title": f"Model card of {name}",
    }
    about: Json = {
        "status": "current",
        "type": concept(codes.MODEL_CARD),
        "category": [concept(codes.MODEL_CARD)],
        "description": f"What the model {name} is for, how it was made and how well it does",
        "content": [{"attachment": attachment}],
    }
    return _known("DocumentReference", "SonoEdge model cards", _ident(name, model), about)


def _ident(name: str, model: Algorithm) -> str:
    return f"{name} {model.sha256}".strip()


def _known(kind: str, issuer: str, value: str, content: Json) -> Resource:
    """Something that the server may have already."""
    return Resource(kind, id_of(kind, issuer, value), content, (system_of(issuer), value))
