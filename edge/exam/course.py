"""The course of an exam from its draft to its signed and amended report: one table of what can be done when; all else is refused."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from edge.exam.exam import ExamRefused


class ExamState(str, Enum):
    """A draft is being taken; a preliminary exam waits for an interpreter; what is final can only be amended."""

    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"


class Act(str, Enum):
    """What somebody does with an exam."""

    TAKE = "take zones of it"
    END = "end it"
    NAME = "say whose it is"
    TELL = "say how the patient is"
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
"""Whose an exam is can be stated at any time: somebody unconscious is named later. A report that was given out stays as it is."""

FIXES: Mapping[ExamState, str] = MappingProxyType(
    {
        _D: "End the exam first",
        _P: "Begin another exam, or have an interpreter review and sign this one",
        _F: "Amend its report, and say why",
        _A: "Amend its report again, and say why",
    }
)


def after(state: ExamState, act: Act) -> ExamState:
    """The state that follows.

    Raises:
        ExamRefused: nobody can do that with an exam in this state.
    """
    try:
        return COURSE[state, act]
    except KeyError:
        raise ExamRefused(f"The exam is {state.value}: nobody can {act.value}", FIXES[state]) from None


def states_for(act: Act) -> tuple[str, ...]:
    """The states in which it can be done."""
    return tuple(state.value for state, possible in COURSE if possible is act)


def signed(state: ExamState, *, interpreter: bool, undecided: int) -> ExamState:
    """The state once it is signed: there is no other way to a final report.

    Raises:
        ExamRefused: it is not preliminary, who signs is no interpreter of its protocol, or findings are not decided on.
    """
    final = after(state, Act.SIGN)
    _by_interpreter(interpreter)
    if undecided:
        raise ExamRefused(f"{undecided} of the exam's findings are not decided on", "Accept, reject, edit or mark each as not assessable")
    return final


def amended(state: ExamState, *, interpreter: bool, why: str) -> ExamState:
    """The state once its report is amended; the one before stays.

    Raises:
        ExamRefused: it was never signed, who amends it is no interpreter of its protocol, or why is not stated.
    """
    other = after(state, Act.AMEND)
    _by_interpreter(interpreter)
    if not why.strip():
        raise ExamRefused("Nobody knows why the report is amended", "Write the reason")
    return other


def _by_interpreter(interpreter: bool) -> None:
    if not interpreter:
        raise ExamRefused("Only an interpreter of its protocol can sign an exam", "Ask one to review it")
