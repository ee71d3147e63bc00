"""The course of an exam as a state machine: whatever is asked in whatever order, there is one way to a final report."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.exam.course import COURSE, Act, ExamState, after, amended, signed, states_for
from edge.exam.exam import ExamRefused


@pytest.mark.parametrize("state", ExamState)
@pytest.mark.parametrize("act", Act)
def test_a_step_is_in_the_table_or_refused_with_its_reason_and_the_next_step(state, act):
    if (state, act) in COURSE:
        assert after(state, act) is COURSE[state, act]
        return
    with pytest.raises(ExamRefused, match=f"The exam is {state.value}: it is not possible to {act.value}") as refused:
        after(state, act)
    assert refused.value.fix


def test_the_states_for_an_act_are_those_of_the_table():
    assert states_for(Act.DECIDE) == ("preliminary",)
    assert states_for(Act.TELL) == ("draft", "preliminary")
    assert set(states_for(Act.NAME)) == {state.value for state in ExamState}


@pytest.mark.parametrize(
    ("interpreter", "undecided", "why"), [(False, 0, "Only an interpreter"), (True, 3, "3 findings of the exam"), (False, 3, "Only an")]
)
def test_nobody_but_an_interpreter_signs_and_not_before_every_finding_is_decided_on(interpreter, undecided, why):
    with pytest.raises(ExamRefused, match=why):
        signed(ExamState.PRELIMINARY, interpreter=interpreter, undecided=undecided)
    assert signed(ExamState.PRELIMINARY, interpreter=True, undecided=0) is ExamState.FINAL


def test_an_amendment_says_why():
    with pytest.raises(ExamRefused, match="The reason for the amendment is missing"):
        amended(ExamState.FINAL, interpreter=True, why=" ")
    with pytest.raises(ExamRefused, match="Only an interpreter"):
        amended(ExamState.FINAL, interpreter=False, why="zone L1 was read anew")
    assert amended(ExamState.AMENDED, interpreter=True, why="zone L1 was read anew") is ExamState.AMENDED


class CourseMachine(RuleBasedStateMachine):
    """Sidecar the course runs an account of what has happened."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ExamState.DRAFT
        self.ended = self.signed = self.amended = False

    @rule()
    def end(self) -> None:
        if self.ended:
            with pytest.raises(ExamRefused):
                after(self.state, Act.END)
        else:
            self.state, self.ended = after(self.state, Act.END), True

    @rule(interpreter=st.booleans(), undecided=st.integers(0, 2))
    def sign(self, interpreter: bool, undecided: int) -> None:
        if self.ended and not self.signed and interpreter and not undecided:
            self.state, self.signed = signed(self.state, interpreter=interpreter, undecided=undecided), True
        else:
            with pytest.raises(ExamRefused):
                signed(self.state, interpreter=interpreter, undecided=undecided)

    @rule(interpreter=st.booleans(), why=st.sampled_from(["", "  ", "a zone was read anew"]))
    def amend(self, interpreter: bool, why: str) -> None:
        if self.signed and interpreter and why.strip():
            self.state, self.amended = amended(self.state, interpreter=interpreter, why=why), True
        else:
            with pytest.raises(ExamRefused):
                amended(self.state, interpreter=interpreter, why=why)

    @rule(act=st.sampled_from([Act.TAKE, Act.TELL, Act.DECIDE, Act.NAME]))
    def work(self, act: Act) -> None:
        may = {Act.TAKE: not self.ended, Act.TELL: not self.signed, Act.DECIDE: self.ended and not self.signed, Act.NAME: True}[act]
        if may:
            assert after(self.state, act) is self.state
        else:
            with pytest.raises(ExamRefused):
                after(self.state, act)

    @invariant()
    def is_in_the_state_that_its_past_says(self) -> None:
        expected = (ExamState.DRAFT, ExamState.PRELIMINARY, ExamState.FINAL, ExamState.AMENDED)
        assert self.state is expected[self.ended + self.signed + self.amended]


CourseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestCourseMachine = CourseMachine.TestCase
