"""The answer of the doctor to one question."""

from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """`ATTENTION` is a fault with which the appliance still works. `NOT_CHECKED`: only while no exam can be disturbed."""

    OK = "ok"
    ATTENTION = "attention"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question; `fix` is empty if there is nothing to do."""

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""


Answer = tuple[Verdict, str, str]
