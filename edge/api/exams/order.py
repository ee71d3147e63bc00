"""The order of an exam that begins: an entry of the worklist, or the numbers that a person states."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from edge.exchange.person_problems import LONGEST_ID
from edge.exchange.worklist.entry import LONGEST_ACCESSION, LONGEST_UID
from edge.records.exams.order import Identified, Order


def _number(text: str) -> str:
    if any(unicodedata.category(each)[0] == "C" or each == "\\" for each in text):
        raise ValueError("must not contain a backslash, a line break or an invisible character")
    return unicodedata.normalize("NFC", text.strip())


class OrderIn(BaseModel):
    """With a `study_uid`: that entry of the worklist; with an `encounter`: the patient in the hospital who has this admission ID.

    `scanned`: a barcode or QR code was read, and nobody typed or chose it. `admission_id` counts where the worklist states none.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"study_uid": "2.25.1704011849214671", "scanned": True}]}
    )

    study_uid: Annotated[str, Field(max_length=LONGEST_UID)] = ""
    encounter: Annotated[str, Field(max_length=LONGEST_ID)] = ""
    accession: Annotated[str, Field(max_length=LONGEST_ACCESSION), AfterValidator(_number)] = ""
    admission_id: Annotated[str, Field(max_length=LONGEST_ID), AfterValidator(_number)] = ""
    scanned: bool = False

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if self.study_uid and self.accession:
            raise ValueError("leave the accession out: it is that of the worklist")
        if self.encounter and (self.study_uid or self.admission_id):
            raise ValueError("leave study_uid and admission_id out: the encounter has its admission, and no study")
        return self

    @property
    def identified_by(self) -> Identified:
        listed = self.study_uid or self.encounter
        if not (listed or self.accession or self.admission_id):
            return "unknown"
        return "scanned" if self.scanned else "worklist" if listed else "typed"

    @property
    def stated(self) -> Order:
        """What a person states; of an entry of the worklist or an encounter, that counts."""
        return Order(accession=self.accession, admission_id=self.admission_id, identified_by=self.identified_by)
