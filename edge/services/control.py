"""Which page controls the open exam: one holds it, and the others watch until a person takes it over with a touch."""

import threading
from collections.abc import Callable

from edge.exam.exam import ExamRefused
from edge.people.actor import Actor
from edge.people.permission import Verb


class ControlledElsewhere(ExamRefused):
    """Another page controls the exam."""

    code = "controlled-elsewhere"
    says_code = "controlled_elsewhere"


class ControlService:
    """A page chooses its own name at random; the name is no secret and no permission. A program that gives none is asked for nothing.

    Any thread may use it. After a restart of the appliance the first page that acts on the exam controls it.
    """

    def __init__(self, open_exam: Callable[[], str | None]) -> None:
        """`open_exam` gives the id of the exam that is open, None without one."""
        self._open = open_exam
        self._lock = threading.Lock()
        self._exam, self._page = "", ""

    def holder(self, actor: Actor, exam_id: str) -> str:
        """The page that controls an exam; empty if none does."""
        actor.require(Verb.LOOK)
        with self._lock:
            return self._page if exam_id == self._exam else ""

    def take(self, actor: Actor, exam_id: str, page: str) -> None:
        """Gives the page the control of an exam: the one that begins it, or takes it over.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ExamRefused: this exam is not open.
        """
        actor.require(Verb.SCAN)
        if exam_id != self._open():
            raise ExamRefused("No exam is open", "Begin one", says="no_exam")
        with self._lock:
            self._exam, self._page = exam_id, page

    def require(self, actor: Actor, exam_id: str, page: str) -> None:
        """Admits an act of a page on the open exam; an act on another exam is not judged here.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ControlledElsewhere: another page controls it.
        """
        actor.require(Verb.SCAN)
        if not page or exam_id != self._open():
            return
        if self.holder(actor, exam_id) not in ("", page):
            raise ControlledElsewhere("Another tablet controls this exam", "Take it over on this one, then try again")
        self.take(actor, exam_id, page)
