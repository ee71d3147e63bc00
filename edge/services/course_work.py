"""Measures the clips of patients in the background, one after another, in a process of its own: the live image keeps its cores."""

import threading
from collections import deque
from contextlib import closing
from pathlib import Path

import structlog

from edge.exchange.apart import each_apart
from edge.feedback.pleura.measure import Recorded, measure_at
from edge.feedback.pleura.stored import StoredShares
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.services.busy import busy
from edge.services.course import Course, CourseService
from firmware_bridge.errors import SonoEdgeError

MOST_WAITING = 8
"""So many patients can wait; each has seconds or minutes of work."""
CLOSE_S = 1.0
"""How long a stop waits: the work ends with its process, and every clip that was measured is stored."""

log = structlog.get_logger()


class CourseWork:
    """Any thread may use it. Its thread ends when nobody waits any more."""

    def __init__(self, service: CourseService, shares: StoredShares, data_dir: Path) -> None:
        self._service, self._shares, self._data_dir = service, shares, data_dir
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._waiting: deque[tuple[str, Path, tuple[Recorded, ...]]] = deque()
        self._at: str | None = None
        self._failed: set[str] = set()
        self._thread: threading.Thread | None = None

    def runs(self, actor: Actor, patient_id: str) -> bool:
        """Whether the clips of a patient are measured now, or wait.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        with self._lock:
            return self._runs(patient_id)

    def failed(self, actor: Actor, patient_id: str) -> bool:
        """Whether the last work for a patient ended early; the log states why.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return patient_id in self._failed

    def measure(self, actor: Actor, patient_id: str) -> Course:
        """Begins to measure the clips of a patient that are missing, and returns the course so far.

        Raises:
            ApplianceBusy: too many patients wait, or the appliance stops.
            NotAllowed, RecordUnknown, ExamUnresumable: see `CourseService.course`.
        """
        actor.require(Verb.READ)
        course = self._service.course(actor, patient_id)
        with self._lock:
            if not course.missing or self._runs(patient_id):
                return course
            if self._ending.is_set() or len(self._waiting) >= MOST_WAITING:
                raise busy()
            self._failed.discard(patient_id)
            self._waiting.append((patient_id, course.release.folder, course.missing))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="course", daemon=True)
                self._thread.start()
        return course

    def close(self) -> None:
        """Ends the work; from now on none begins."""
        with self._lock:
            self._ending.set()
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_S)

    def _runs(self, patient_id: str) -> bool:
        return patient_id == self._at or any(each[0] == patient_id for each in self._waiting)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            patient_id, folder, clips = work
            try:
                self._measure(folder, clips)
            except SonoEdgeError as error:
                log.warning("the course of a patient was not measured", problem=error.what, fix=error.fix)
                self._failed.add(patient_id)
            except Exception:
                log.exception("the course of a patient was not measured")
                self._failed.add(patient_id)

    def _next(self) -> tuple[str, Path, tuple[Recorded, ...]] | None:
        with self._lock:
            work = self._waiting.popleft() if self._waiting and not self._ending.is_set() else None
            self._at = work[0] if work else None
            if work is None:
                self._thread = None
            return work

    def _measure(self, folder: Path, clips: tuple[Recorded, ...]) -> None:
        with closing(each_apart(measure_at, self._data_dir, folder, clips)) as done:
            for measured in done:
                self._shares.put(measured)
                if self._ending.is_set():
                    return
