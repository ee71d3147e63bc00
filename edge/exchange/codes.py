"""Every code that leaves the appliance: one table, each row with its source. No other module writes a code.

A concept without a code in a public scheme has one in the private scheme 99EDGEUS, as DICOM allows for schemes that begin with 99
(PS3.3 8.2); it is replaced as soon as a public one is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge.records.exams.protocol_texts import digest_of_text

DCM, SCT, LN, UCUM, PRIVATE = "DCM", "SCT", "LN", "UCUM", "99EDGEUS"
OBSERVATION_VALUE, OBSERVATION_CATEGORY, SECTION = "v3-ObservationValue", "observation-category", "v2-0074"
ABSENT_REASON, PARTICIPANT, ACT_REASON = "data-absent-reason", "provenance-participant-type", "v3-ActReason"
NULL_FLAVOR, IDENTIFIER_TYPE = "v3-NullFlavor", "v2-0203"
AI_DEVICE_TYPE, AI_INPUT = "AIdeviceTypeCS", "AIinputsCS"
"""Code systems of HL7, for FHIR alone: those of the terminology, and those of the guide "AI Transparency on FHIR"."""
PRIVATE_UID: Final = "2.25.170401184921467117062913347386498311254"
"""Made once for the private scheme, as PS3.5 B.2 describes."""
SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        DCM: "http://dicom.nema.org/resources/ontology/DCM",
        SCT: "http://snomed.info/sct",
        LN: "http://loinc.org",
        UCUM: "http://unitsofmeasure.org",
        PRIVATE: f"urn:oid:{PRIVATE_UID}",
        **{name: f"http://terminology.hl7.org/CodeSystem/{name}" for name in (OBSERVATION_VALUE, OBSERVATION_CATEGORY, SECTION)},
        **{name: f"http://terminology.hl7.org/CodeSystem/{name}" for name in (ABSENT_REASON, PARTICIPANT, ACT_REASON)},
        **{name: f"http://terminology.hl7.org/CodeSystem/{name}" for name in (NULL_FLAVOR, IDENTIFIER_TYPE)},
        **{name: f"http://hl7.org/fhir/uv/aitransparency/CodeSystem/{name}" for name in (AI_DEVICE_TYPE, AI_INPUT)},
    }
)
"""The schemes by their names in DICOM (PS3.16 8), with their names in FHIR R4."""

_PYDICOM = "pydicom 3.0 concept dictionary, made from PS3.16"
_OWN = "private, because no public code was found"
_FHIR = "FHIR R4 (4.0.1), its code systems"
_AI_GUIDE = "HL7 AI Transparency on FHIR 1.0.0 (STU 1), its code systems"


@dataclass(frozen=True, slots=True)
class Code:
    """A concept: `value` in a `scheme`, with its `meaning`; `source` is where the code was read, and does not tell codes apart."""

    value: str
    scheme: str
    meaning: str
    source: str = field(compare=False, default=_PYDICOM)

    @property
    def system(self) -> str:
        """The scheme as FHIR names it."""
        return SYSTEMS[self.scheme]


US_CHEST = Code("24630-6", LN, "US Chest", "LOINC 24630-6, also mapped to CIEL 161288")
REPORT = Code("18748-4", LN, "Diagnostic Imaging Report")

FINDING = Code("121071", DCM, "Finding")
PROBABILITY = Code("122157", DCM, "Probability")
CONCLUSION = Code("121077", DCM, "Conclusion")
COMMENT = Code("121106", DCM, "Comment")
IMAGE_QUALITY = Code("111101", DCM, "Image Quality")
IMAGE_QUALITY_RATING = Code("111029", DCM, "Image Quality Rating")
POOR_QUALITY = Code("110531", DCM, "Insufficient quality for interpretation")
NEEDS_SPECIALIST = Code("110532", DCM, "Interpretation requires specialist expertise")
REJECTED_FOR_QUALITY = Code("113001", DCM, "Rejected for Quality Reasons")
FOR_PEER_REVIEW = Code("113008", DCM, "For Peer Review")
PERSON, DEVICE = Code("121006", DCM, "Person"), Code("121007", DCM, "Device")
AGREES, DISAGREES = Code("122775", DCM, "Agreement with prior findings"), Code("122776", DCM, "Disagreement with prior findings")
PERFORMING, VERIFYING = Code("121094", DCM, "Performing"), Code("121098", DCM, "Verifying")
ACQUISITION_EQUIPMENT, PROCESSING_EQUIPMENT = Code("109101", DCM, "Acquisition Equipment"), Code("109102", DCM, "Processing Equipment")
SOURCE_IMAGE = Code("121322", DCM, "Source image for image processing operation")

BASIC_PROFILE = Code("113100", DCM, "Basic Application Confidentiality Profile")
CLEAN_PIXELS, CLEAN_CONTENT = Code("113101", DCM, "Clean Pixel Data Option"), Code("113104", DCM, "Clean Structured Content Option")
MODIFIED_DATES = Code("113107", DCM, "Retain Longitudinal Temporal Information Modified Dates Option")
PATIENT_CHARACTERISTICS = Code("113108", DCM, "Retain Patient Characteristics Option")
DEIDENTIFIED_BY = (BASIC_PROFILE, CLEAN_PIXELS, CLEAN_CONTENT, MODIFIED_DATES, PATIENT_CHARACTERISTICS)
"""How an object was de-identified (PS3.16 CID 7050)."""

LUNG = Code("39607008", SCT, "Lung")
FINDING_SITE, LATERALITY = Code("363698007", SCT, "Finding Site"), Code("272741003", SCT, "Laterality")
TOPOGRAPHY = Code("106233006", SCT, "Topographical modifier")
PRESENT, ABSENT = Code("52101004", SCT, "Present"), Code("272519000", SCT, "Absent")
INDETERMINATE = Code("82334004", SCT, "Indeterminate")
NORMAL, ABNORMAL = Code("17621005", SCT, "Normal"), Code("263654008", SCT, "Abnormal")
NOT_PERFORMED = Code("262008008", SCT, "Not performed")
NO_UNITS, PERCENT = Code("1", UCUM, "no units"), Code("%", UCUM, "Percent")

SIDES: Mapping[str, Code] = MappingProxyType({"left": Code("7771000", SCT, "Left"), "right": Code("24028007", SCT, "Right")})
"""By the side of a zone."""
VIEWS: Mapping[str, Code] = MappingProxyType(
    {
        "front": Code("255549009", SCT, "Anterior"),
        "back": Code("255551008", SCT, "Posterior"),
        "side": Code("49370004", SCT, "Lateral"),
    }
)
"""By the view in which a zone is drawn."""
POSITIONS: Mapping[str, Code] = MappingProxyType(
    {
        "supine": Code("40199007", SCT, "supine"),
        "semi-erect": Code("102539006", SCT, "semi-erect"),
        "sitting": Code("33586001", SCT, "sitting"),
        "prone": Code("1240000", SCT, "prone"),
    }
)
"""By the position of the patient in a protocol; a lateral position has no code without its side."""
TRANSDUCERS: Mapping[str, Code] = MappingProxyType(
    {
        "linear": Code("125252", DCM, "Linear ultrasound transducer geometry"),
        "curvilinear": Code("125253", DCM, "Curved linear ultrasound transducer geometry"),
        "sector": Code("125254", DCM, "Sector ultrasound transducer geometry"),
    }
)
"""By the shape of a geometry."""
FINDINGS: Mapping[str, Code] = MappingProxyType(
    {
        "b_lines": Code("B_LINES", PRIVATE, "B-lines", _OWN),
        "a_lines": Code("A_LINES", PRIVATE, "A-lines", _OWN),
        "severity_2_plus": Code("SEVERITY_2_PLUS", PRIVATE, "Lung ultrasound severity 2 or more", _OWN),
    }
)
"""By the key of a finding. SNOMED CT, RadLex and LOINC were searched for B-lines and A-lines without a result."""
LUNG_SCORE = Code("LUNG_SCORE", PRIVATE, "Lung ultrasound score of a zone", _OWN)
TOTAL_SCORE = Code("LUNG_SCORE_TOTAL", PRIVATE, "Total of the lung ultrasound scores", _OWN)
ZONE, ZONE_STATED = Code("ZONE", PRIVATE, "Zone of the chest", _OWN), Code("ZONE_STATED", PRIVATE, "Stated of a zone", _OWN)
MODEL_STATES = Code("MODEL_STATES", PRIVATE, "Stated by the model", _OWN)
DECISION = Code("DECISION", PRIVATE, "Decision of a person on the answer of the model", _OWN)
DECISIONS: Mapping[str, Code] = MappingProxyType(
    {
        "open": Code("OPEN", PRIVATE, "No decision yet", _OWN),
        "accepted": Code("ACCEPTED", PRIVATE, "Accepted", _OWN),
        "rejected": Code("REJECTED", PRIVATE, "Rejected", _OWN),
        "edited": Code("EDITED", PRIVATE, "Edited", _OWN),
        "not_assessable": Code("NOT_ASSESSABLE", PRIVATE, "Not assessable", _OWN),
    }
)
"""By the decision on a finding in `edge.records.exams.finding`."""
MODALITIES: Mapping[str, Code] = MappingProxyType(
    {
        "US": Code("US", DCM, "Ultrasound"),
        "SR": Code("SR", DCM, "Structured Report Document"),
        "KO": Code("KO", DCM, "Key Object Selection"),
        "DOC": Code("DOC", DCM, "Document"),
    }
)
"""By the Modality of a series."""
VITALS: Mapping[str, Code] = MappingProxyType(
    {
        "spo2": Code("59408-5", LN, "Oxygen saturation in Arterial blood by Pulse oximetry", "FHIR R4 vital signs"),
        "respiratory_rate": Code("9279-1", LN, "Respiratory rate", "FHIR R4 vital signs"),
        "temperature": Code("8310-5", LN, "Body temperature", "FHIR R4 vital signs"),
        "pulse": Code("8867-4", LN, "Heart rate", "FHIR R4 vital signs"),
    }
)
"""By the name of a measurement in `edge.records.exams.context.KINDS`."""
OXYGEN_SATURATION = Code("2708-6", LN, "Oxygen saturation in Arterial blood", "FHIR R4 profile oxygensat, which fixes it")
"""FHIR R4 asks for this code in addition to a more specific one."""

AI_ASSERTED = Code("AIAST", OBSERVATION_VALUE, "Artificial Intelligence asserted", "HL7 AI Transparency on FHIR 1.0.0 (STU 1)")
IMAGING, VITAL_SIGNS = (
    Code("imaging", OBSERVATION_CATEGORY, "Imaging", _FHIR),
    Code("vital-signs", OBSERVATION_CATEGORY, "Vital Signs", _FHIR),
)
CLASS_NOT_KNOWN = Code("UNK", NULL_FLAVOR, "unknown", _FHIR)
ACCESSION = Code("ACSN", IDENTIFIER_TYPE, "Accession ID", "HL7 v2 table 0203, in FHIR R4 v2-0203")
TEST_DATA = Code("HTEST", ACT_REASON, "test health data", "FHIR R4 security labels, for test data")
ULTRASOUND_SECTION = Code("RUS", SECTION, "Radiology Ultrasound", "HL7 v2 table 0074, in FHIR R4 v2-0074")
NOT_KNOWN, NOT_DONE = Code("unknown", ABSENT_REASON, "Unknown", _FHIR), Code("not-performed", ABSENT_REASON, "Not Performed", _FHIR)
AUTHOR, VERIFIER = Code("author", PARTICIPANT, "Author", _FHIR), Code("verifier", PARTICIPANT, "Verifier", _FHIR)
ATTESTER, ASSEMBLER = Code("attester", PARTICIPANT, "Attester", _FHIR), Code("assembler", PARTICIPANT, "Assembler", _FHIR)
AI_DEVICE = Code("Artificial-Intelligence", AI_DEVICE_TYPE, "All kinds of Artificial Intelligence", _AI_GUIDE)
DEEP_LEARNING = Code("Deep-Learning-Models", AI_DEVICE_TYPE, "Deep Learning Models", _AI_GUIDE)
MODEL_CARD = Code("AIModelCard", AI_INPUT, "AI Model-Card", _AI_GUIDE)


def zone_code(protocol: str, zone: str, name: str) -> Code:
    """The private code of a zone: zones are those of a protocol file, which a site may add. A code value has at most 16 characters."""
    value = f"{protocol}_{zone}".upper().replace("-", "_")
    if len(value) > MOST_CHARACTERS:
        value = f"{digest_of_text(protocol)[:7]}_{zone}".upper()
    return Code(value, PRIVATE, name[:MOST_MEANING], "the zone of a protocol file")


def operator_code(ident: str, name: str) -> Code:
    """The private code of an operator of this appliance: the id of the record."""
    return Code(ident, PRIVATE, name[:MOST_MEANING], "the id of an operator in the records")


MOST_CHARACTERS, MOST_MEANING = 16, 64
"""Of a Code Value (SH) and a Code Meaning (LO), PS3.5 6.2."""


def _every() -> frozenset[Code]:
    named = [value for value in globals().values() if isinstance(value, Code)]
    tables = (SIDES, VIEWS, POSITIONS, TRANSDUCERS, FINDINGS, DECISIONS, MODALITIES, VITALS)
    return frozenset((*named, *(code for table in tables for code in table.values())))


EVERY = _every()
"""The whole table; the codes of zones come from their protocols."""
