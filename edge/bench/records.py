"""How fast the records are when they are full: lists, one exam, verification of the audit trail, and a write when there are a million."""

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from edge.bench.lossless import compare
from edge.bench.records_fill import FINDINGS, exam_id, fill, rows
from edge.records.audit.chain import describe
from edge.records.audit.trail import AuditTrail
from edge.records.exams.clips import NewClip
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import Step
from edge.records.store import Store
from firmware_bridge.errors import Damaged

TARGETS: dict[str, tuple[str, float]] = {
    "newest_50_ms": ("<=", 20.0),
    "one_exam_ms": ("<=", 10.0),
    "audit_verify_100k_s": ("<=", 2.0),
    "write_ratio_1m": ("<=", 1.5),
}
FULL, QUICK = 1_000_000, 100_000
"""Findings."""
ENTRIES = 100_000
LOOKS, WRITES, VERIFICATIONS = 40, 60, 3


class BenchBroken(Damaged):
    """What was made to be measured is not as it was made."""

    code = "bench-broken"


@dataclass(frozen=True, slots=True)
class RecordsFigures:
    """Medians; of the verifications the fastest, and its processor time, since whatever else the machine does only adds.

    `write_ms_1` and `write_ms_full` are of one finding with its clip and its audit entry, to the disk, in an empty and in a full database
    by turns; `lossless_bytes` and `lossless_ms` of one frame of the simulated chest, 480x640.
    """

    newest_50_ms: float
    one_exam_ms: float
    audit_verify_100k_s: float
    audit_verify_cpu_s: float
    write_ratio_1m: float
    write_ms_1: float
    write_ms_full: float
    findings: int
    fill_s: float
    lossless_bytes: dict[str, float]
    lossless_ms: dict[str, float]


def measure(findings: int, progress: Callable[[float], None], entries: int = ENTRIES) -> RecordsFigures:
    """Fills a temporary folder with so many findings and audit entries; `progress` receives the share that is done, from 0 to 1.

    Raises:
        BenchBroken: the audit trail that was made is not whole.
    """
    begun, done, of = time.monotonic(), 0, rows(findings, entries)

    def wrote(count: int) -> None:
        nonlocal done
        done += count
        progress(done / of)

    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "full", findings, entries, wrote)
        took = time.monotonic() - begun
        with closing(Store.open(Path(folder) / "full")) as full, closing(Store.open(Path(folder) / "empty")) as empty:
            verified, used = min(_verify(full) for _ in range(VERIFICATIONS))
            newest, one = _newest(full), _one_exam(full, findings // FINDINGS)
            at_one, at_full = _writes(empty, full)
    costs = compare()
    return RecordsFigures(
        newest_50_ms=newest,
        one_exam_ms=one,
        audit_verify_100k_s=verified,
        audit_verify_cpu_s=used,
        write_ratio_1m=at_full / at_one,
        write_ms_1=at_one,
        write_ms_full=at_full,
        findings=findings,
        fill_s=took,
        lossless_bytes={name: cost.bytes for name, cost in costs.items()},
        lossless_ms={name: cost.ms for name, cost in costs.items()},
    )


def _ms(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - begun)


def _verify(store: Store) -> tuple[float, float]:
    """Seconds, and those of the processor."""
    begun, used = time.perf_counter(), time.process_time()
    verdict = AuditTrail(store).verify()
    if verdict.fault is not None:
        raise BenchBroken(f"the audit trail that was made is broken: {describe(verdict.fault)}", "Report this")
    return time.perf_counter() - begun, time.process_time() - used


def _newest(store: Store) -> float:
    """What the API reads for a page of findings: they, and the exams that they are of."""
    findings, exams = Findings(store), Exams(store)

    def page() -> None:
        exams.briefs({finding.exam_id for finding in findings.newest(51)})

    return median(_ms(page) for _ in range(LOOKS))


def _one_exam(store: Store, exams: int) -> float:
    kept, chance = Exams(store), random.Random(1)  # noqa: S311 - which exams are read is no secret

    def read() -> None:
        exam = kept.get(exam_id(chance.randrange(exams)))
        kept.clips(exam.id)
        kept.findings(exam.id)

    return median(_ms(read) for _ in range(LOOKS))


def _writes(empty: Store, full: Store) -> tuple[float, float]:
    """One finding each by turns, so that whatever else the machine does slows both."""
    times: tuple[list[float], list[float]] = [], []
    for number in range(WRITES + 1):
        for store, took in zip((empty, full), times, strict=True):
            exams = Exams(store)
            exam = exams.begin("bench", _new_exam(number), STATES)
            took.append(_ms(partial(exams.keep, "bench", exam.id, STEP, CLIP, [FINDING], simulated=True)))
    return median(times[0][1:]), median(times[1][1:])


STATES = {"record_version": 2, "selected": None, "zones": {"z0": {"state": "done", "overridden": []}}}
STEP = Step("zone.kept", {"zone": "z0"}, STATES)
CLIP = NewClip("z0", "z0.mcap", "0" * 64, 20_000_000, 1, 180, "itself", (), 90.0)
FINDING = NewFinding("b_lines", "lung-m-1.0.0", 0.9, 2.2, ("present",), "present", "", "", 0.5)


def _new_exam(number: int) -> NewExam:
    return NewExam(
        folder=f"bench-{number}",
        protocol="blue-6",
        protocol_version="1",
        protocol_digest="0" * 64,
        simulated=True,
        qualified=True,
        operator="bench",
    )
