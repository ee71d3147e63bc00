"""The course of a delivery, without any peer, disk or clock.

A delivery is `waiting`, then `sending`. A try ends in one of these ways:

- a peer refused an object: `refused`, until a person corrects the cause and tries again
- an object has no answer, or one to try later: `waiting` again, for longer each time
- the peer has every object: `sent`; where it gives storage commitment, it is asked for that next

A question for commitment also ends in one of these ways:

- every object is confirmed: `confirmed`
- the peer has not decided: still `sent`, and it is asked again later
- the peer lost an object: `waiting`, and the object is sent again; `refused` once that has happened too often
- the peer gives no commitment: `refused`

A person can cancel a delivery until it is `sent`.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from edge.exchange.peers.outcome import Answer, Outcome
from edge.records.outbox.delivery import CONFIRMED, REFUSED, SENT, WAITING, ObjectAnswer, Turn

WAITS_S = (10.0, 60.0, 300.0, 900.0, 3600.0)
"""The longest wait after the first, second, ... try; the last one repeats."""
NO_ANSWER = Answer(Outcome.RETRY, "The connection ended before the peer answered", "no-answer")
OBJECT_STATES: Mapping[Outcome, str] = MappingProxyType(
    {Outcome.ACCEPTED: SENT, Outcome.WARNED: SENT, Outcome.RETRY: WAITING, Outcome.REFUSED: REFUSED}
)
LOST = "0112"
"""No such object instance, PS3.3 C.14.1.1: the peer does not have what it took."""


class Patience:
    """How long to wait after a try: full jitter, so that the boards of a district do not all come back at the same moment.

    M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self, chance: random.Random, waits_s: Sequence[float] = WAITS_S) -> None:
        self._chance, self._waits_s = chance, waits_s

    def after(self, attempts: int) -> float:
        """Seconds, after so many tries."""
        return self._chance.uniform(0, self._waits_s[min(attempts, len(self._waits_s)) - 1])

    def ends(self, attempts: int) -> bool:
        """Whether so many tries have used every wait."""
        return attempts >= len(self._waits_s)


def on_object(answer: Answer) -> ObjectAnswer:
    """What follows for an object that was sent."""
    return ObjectAnswer(OBJECT_STATES[answer.outcome], answer.text, answer.status, warned=answer.outcome is Outcome.WARNED)


def on_commitment(answer: Answer) -> ObjectAnswer:
    """What follows for an object that the peer was asked to commit."""
    return ObjectAnswer(CONFIRMED if answer.taken else WAITING if answer.status == LOST else SENT, answer.text, answer.status)


def after_sending(answers: Collection[Answer], attempts: int, patience: Patience, *, confirms: bool, complete: bool) -> Turn:
    """The end of a try that sent objects.

    Args:
        answers: one for each object that the peer did not have.
        attempts: the tries so far, with this one.
        patience: how long to wait for the next one.
        confirms: the peer gives storage commitment.
        complete: the objects are all of the exam, and its images are among them.
    """
    worst = _worst(answers)
    if worst.outcome is Outcome.REFUSED:
        return Turn(REFUSED, worst.text, worst.status)
    if worst.outcome is Outcome.RETRY:
        return Turn(WAITING, worst.text, worst.status, patience.after(attempts))
    return Turn(SENT, worst.text, worst.status, 0.0 if confirms else None, releases=complete and not confirms)


def after_asking(answers: Collection[Answer], attempts: int, patience: Patience, *, complete: bool) -> Turn:
    """The end of a question for storage commitment; see `after_sending`."""
    worst = _worst(answers)
    if worst.outcome is Outcome.REFUSED:
        again = all(answer.status == LOST for answer in answers if answer.outcome is Outcome.REFUSED) and not patience.ends(attempts)
        return Turn(WAITING if again else REFUSED, worst.text, worst.status, patience.after(attempts) if again else None)
    if worst.outcome is Outcome.RETRY:
        return Turn(SENT, worst.text, worst.status, patience.after(attempts))
    return Turn(CONFIRMED, worst.text, worst.status, releases=complete)


def _worst(answers: Collection[Answer]) -> Answer:
    """The answer that decides; the peer has everything already where there is none."""
    order = (Outcome.REFUSED, Outcome.RETRY, Outcome.WARNED, Outcome.ACCEPTED)
    return min(answers, key=lambda answer: order.index(answer.outcome), default=Answer(Outcome.ACCEPTED, "", ""))
