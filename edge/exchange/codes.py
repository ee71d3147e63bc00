"""Every code that leaves the appliance: one table, each row with its source. No other module writes a code.

A concept without a code in a public scheme has one in the private scheme 99EDGEUS, as DICOM allows for schemes that begin with 99
(PS3.3 8.2); it is replaced as soon as a public one is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge.records.exams.protocol_texts import digest_of_text

DCM, SCT, LN, PRIVATE = "DCM", "SCT", "LN", "99EDGEUS"
PRIVATE_UID: Final = "2.25.170401184921467117062913347386498311254"
"""Made once for the private scheme, as PS3.5 B.2 describes."""
SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        DCM: "http://dicom.nema.org/resources/ontology/DCM",
        SCT: "http://snomed.info/sct",
        LN: "http://loinc.org",
        PRIVATE: f"urn:oid:{PRIVATE_UID}",
    }
)
"""The schemes by their names in DICOM (PS3.16 8), with their names in FHIR R4."""

_PYDICOM = "pydicom 3.0 concept dictionary, made from PS3.16"
_OWN = "private, because no public code was found"


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
AGREES, DISAGREES = Code("122775", DCM, "Agreement with prior findings"), Code("122776", DCM, "Disagreement with prior findings")
PERFORMING, VERIFYING = Code("121094", DCM, "Performing"), Code("121098", DCM, "Verifying")

LUNG = Code("39607008", SCT, "Lung")
FINDING_SITE, LATERALITY = Code("363698007", SCT, "Finding Site"), Code("272741003", SCT, "Laterality")
TOPOGRAPHY = Code("106233006", SCT, "Topographical modifier")
PRESENT, ABSENT = Code("52101004", SCT, "Present"), Code("272519000", SCT, "Absent")
INDETERMINATE = Code("82334004", SCT, "Indeterminate")

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
        "sitting": Code("33586001", SCT, "Sitting"),
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
VITALS: Mapping[str, Code] = MappingProxyType(
    {
        "spo2": Code("59408-5", LN, "Oxygen saturation in Arterial blood by Pulse oximetry", "FHIR R4 vital signs"),
        "respiratory_rate": Code("9279-1", LN, "Respiratory rate", "FHIR R4 vital signs"),
        "temperature": Code("8310-5", LN, "Body temperature", "FHIR R4 vital signs"),
        "pulse": Code("8867-4", LN, "Heart rate", "FHIR R4 vital signs"),
    }
)
"""By the name of a measurement in `edge.records.exams.context.KINDS`."""


def zone_code(protocol: str, zone: str, name: str) -> Code:
    """The private code of a zone: zones are those of a protocol file, which a site may add. A code value has at most 16 characters."""
    value = f"{protocol}_{zone}".upper().replace("-", "_")
    if len(value) > MOST_CHARACTERS:
        value = f"{digest_of_text(protocol)[:7]}_{zone}".upper()
    return Code(value, PRIVATE, name[:MOST_MEANING], "the zone of a protocol file")


MOST_CHARACTERS, MOST_MEANING = 16, 64
"""Of a Code Value (SH) and a Code Meaning (LO), PS3.5 6.2."""


def _every() -> frozenset[Code]:
    named = [value for value in globals().values() if isinstance(value, Code)]
    tables = (SIDES, VIEWS, POSITIONS, TRANSDUCERS, FINDINGS, VITALS)
    return frozenset((*named, *(code for table in tables for code in table.values())))


EVERY = _every()
"""The whole table; the codes of zones come from their protocols."""
