"""The worker of an outbox in a thread, and the exams and peers of its tests."""

import threading
from contextlib import contextmanager

ENDS_S = 120.0


@contextmanager
def running(outbox):
    stopping = threading.Event()
    worker = threading.Thread(target=outbox.run, args=(stopping,))
    worker.start()
    try:
        yield
    finally:
        stopping.set()
        worker.join(ENDS_S)
        assert not worker.is_alive()


def until(condition):
    waited = threading.Event()
    for _ in range(int(ENDS_S * 20)):
        if condition():
            return
        waited.wait(0.05)
    raise AssertionError("it never happened")


def dicom(port, **more):
    return {"kind": "dicom", "name": "pacs", "host": "127.0.0.1", "port": port, "ae_title": "PACS", "commitment": False, **more}


def new_exam(ward):
    """A signed exam that is not simulated."""
    exam = ward.take(identifier="P-0002", zones={"L1": "absent"})
    ward.sign(exam)
    return exam
