"""The course of an exam from draft to signed and amended report: one table states which act is possible when; others are refused."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from edge.exam.exam import ExamRefused


class ExamState(str, Enum):
    """A draft is open; a preliminary exam waits for an interpreter; a final exam can only be amended."""

    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"


class Act(str, Enum):
    """An act on an exam, in words that complete "it is not possible to ..."."""

    TAKE = "take zones of it"
    END = "end it"
    NAME = "state whose it is"
    TELL = "state how the patient is"
    DECIDE = "decide on its findings"
    SIGN = "sign it"
    AMEND = "amend it"


_D, _P, _F, _A = ExamState

COURSE: Mapping[tuple[ExamState, Act], ExamState] = MappingProxyType(
    {
        (_D, Act.TAKE): _D,
        (_D, Act.TELL): _D,
        (_D, Act.END): _P,
        (_P, Act.TELL): _P,
        (_P, Act.DECIDE): _P,
        (_P, Act.SIGN): _F,
        (_F, Act.AMEND): _A,
        (_A, Act.AMEND): _A,
        **{(state, Act.NAME): state for state in ExamState},
    }
)
"""The patient can be named at any time, because an unconscious patient is named later. An issued report does not change."""

FIXES: Mapping[ExamState, str] = MappingProxyType(
    {
        _D: "End the exam first",
        _P: "Begin another exam, or have an interpreter review and sign this one",
        _F: "Amend its report, and state why",
        _A: "Amend its report again, and state why",
    }
)
SAYS: Mapping[ExamState, str] = MappingProxyType(
    {_D: "exam_is_open", _P: "exam_is_preliminary", _F: "exam_is_signed", _A: "exam_is_amended"}
)
"""What a page translates is less exact: it has a button for each act that is possible."""


def after(state: ExamState, act: Act) -> ExamState:
    """The state that follows.

    Raises:
        ExamRefused: the act is not possible in this state.
    """
    try:
        return COURSE[state, act]
    except KeyError:
        raise ExamRefused(f"The exam is {state.value}: it is not possible to {act.value}", FIXES[state], says=SAYS[state]) from None


def states_for(act: Act) -> tuple[str, ...]:
    """The states in which the act is possible."""
    return tuple(state.value for state, possible in COURSE if possible is act)


def signed(state: ExamState, *, interpreter: bool, undecided: int) -> ExamState:
    """The state after signing, which is the only way to a final report.

    Raises:
        ExamRefused: it is not preliminary, the actor is not an interpreter of its protocol, or findings have no decision.
    """
    final = after(state, Act.SIGN)
    _by_interpreter(interpreter)
    if undecided:
        what, fix = "{undecided} findings of the exam have no decision yet", "Accept, reject, edit or mark each as not assessable"
        raise ExamRefused(what, fix, says="findings_undecided", undecided=undecided)
    return final


def amended(state: ExamState, *, interpreter: bool, why: str) -> ExamState:
    """The state after an amendment; the previous report stays.

    Raises:
        ExamRefused: it was never signed, the actor is not an interpreter of its protocol, or the reason is missing.
    """
    other = after(state, Act.AMEND)
    _by_interpreter(interpreter)
    if not why.strip():
        raise ExamRefused("The reason for the amendment is missing", "Write the reason", says="amend_reason_missing")
    return other


def _by_interpreter(interpreter: bool) -> None:
    if not interpreter:
        raise ExamRefused("Only an interpreter of its protocol can sign an exam", "Ask one to review it", says="interpreter_signs")
