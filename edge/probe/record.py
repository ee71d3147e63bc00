"""A check of the probe, from its frames to the stored record."""

import base64
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone

import numpy as np

from edge.probe.check import ELEMENTS, STEPS, CantTell, Compared, Measured, Run, compare, measure
from edge.probe.pool import FRAMES, Held, Pool
from edge.probe.verdict import Reason, Verdict, judge, untold, verdict_of, worst_first
from edge.records.probe_checks import DeadRun, ProbeCheck, ProbeChecks, ReasonKept
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.sources.base import SourceInfo

SAME_SETTINGS = ("depth_mm", "gain_db", "frequency_mhz", "focus_mm", "preset")
"""These settings must equal the baseline's: each of them changes the brightness of the array."""
PATIENCE = 4
"""After this many times the needed frames, the check ends without a result."""

NO_SERIAL_NUMBER = "This probe states no serial number: the check is stored under 'unknown', without a comparison"
FIRST = "This check is the probe's baseline, its first pass in air: later checks are compared with it"
RENEWED = "This check is the probe's new baseline"
NO_BASELINE = "This check is not a baseline: a baseline needs a check in air in which the array passes"
NOTHING_TO_COMPARE = "The probe has no baseline yet, so this check cannot show a loss: check the probe in air once while it works well"
SKIN_ALONE = "A check on the skin shows dead elements, but no loss: for a loss, check the probe in air"
UNSURE = (
    "The source does not state the place of its fan: the outermost {} elements of each side and single dead elements are not judged, and "
    "places may be wrong by that number"
)
GAIN_UNKNOWN = "The source does not state its gain: use the same gain as in the baseline"


@dataclass(frozen=True, slots=True)
class Asked:
    """The request for a check; with `held` None the frames decide."""

    held: Held | None = None
    elements: int = ELEMENTS
    new_baseline: bool = False

    @property
    def needed(self) -> int:
        """The most frames that a mode needs."""
        return max(FRAMES[held] for held in Held if self.held in (held, None))

    def done(self, pool: Pool) -> bool:
        """True if a pool holds enough frames, or if it is useless to wait for more."""
        return pool.enough(self.held) is not None or pool.seen >= PATIENCE * self.needed


@dataclass(frozen=True, slots=True)
class _Outcome:
    reasons: tuple[Reason, ...]
    measured: Measured | None = None
    compared: Compared | None = None
    baseline_at: str | None = None
    is_baseline: bool = False
    notices: tuple[str, ...] = ()


def conclude(pool: Pool, asked: Asked, info: SourceInfo, store: ProbeChecks) -> ProbeCheck:
    """Measures, compares with this probe's own baseline, judges, and stores the result.

    The first check in air that passes becomes the baseline; a new baseline is made on request, if the array itself passes.

    Raises:
        RecordsFailed: it could not be stored.
    """
    baseline = store.history(info.serial_number).baseline if info.serial_number else None
    try:
        outcome = _outcome(measure(pool, asked.held, asked.elements), asked, info, baseline)
    except CantTell as why:
        outcome = _Outcome((untold(why),))
    notices = outcome.notices
    notices += (UNSURE.format(outcome.measured.unsure),) if outcome.measured and outcome.measured.unsure else ()
    notices += (NO_BASELINE,) * (asked.new_baseline and not outcome.is_baseline)
    notices += (NO_SERIAL_NUMBER,) * (not info.serial_number)
    check = _record(replace(outcome, notices=notices), asked, info)
    store.add(check)
    return check


def _outcome(measured: Measured, asked: Asked, info: SourceInfo, baseline: ProbeCheck | None) -> _Outcome:
    own = judge(measured)
    if measured.held is not Held.AIR:
        return _Outcome(own, measured, notices=(SKIN_ALONE,))
    if not own and info.serial_number and (baseline is None or asked.new_baseline):
        return _Outcome(own, measured, is_baseline=True, notices=(FIRST if baseline is None else RENEWED,))
    if baseline is None:
        return _Outcome(own, measured, notices=(NOTHING_TO_COMPARE,) * bool(info.serial_number))
    return _compared(measured, own, baseline)


def _compared(measured: Measured, own: tuple[Reason, ...], baseline: ProbeCheck) -> _Outcome:
    other = _other_settings(measured.settings, baseline)
    if other is not None:
        return _Outcome(worst_first((*own, other)), measured)
    try:
        compared = compare(measured, _measured_of(baseline))
    except CantTell as why:
        return _Outcome(worst_first((*own, untold(why))), measured)
    return _Outcome(
        judge(measured, compared), measured, compared, baseline.at, notices=(GAIN_UNKNOWN,) * (measured.settings.gain_db is None)
    )


def _other_settings(now: AcquisitionSettings, baseline: ProbeCheck) -> Reason | None:
    """The reason why two checks cannot be compared, if their settings differ."""
    settings = asdict(now)
    differing = [name for name in SAME_SETTINGS if settings[name] != baseline.settings.get(name)]
    if not differing:
        return None
    changes = ", ".join(f"{name} {settings[name]} (baseline {baseline.settings.get(name)})" for name in differing)
    return Reason(
        "OTHER_SETTINGS", Verdict.WATCH, f"not compared with the baseline: {changes}", "Use the settings of the baseline, and check again"
    )


def _record(outcome: _Outcome, asked: Asked, info: SourceInfo) -> ProbeCheck:
    measured, compared = outcome.measured, outcome.compared
    check = ProbeCheck(
        at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        serial_number=info.serial_number,
        device=info.device or info.name,
        source=info.url,
        simulated=info.simulated,
        verdict=verdict_of(outcome.reasons).value,
        reasons=tuple(ReasonKept(code=r.code, verdict=r.verdict.value, says=r.says, advice=r.advice) for r in outcome.reasons),
        elements=asked.elements,
        baseline_at=outcome.baseline_at,
        is_baseline=outcome.is_baseline,
        notices=outcome.notices,
        loss=None if compared is None else round(compared.loss, 2),
        correlation=None if compared is None else round(1 - compared.change, 4),
    )
    return check if measured is None else check.model_copy(update=_figures(measured))


def _figures(measured: Measured) -> dict[str, object]:
    return {
        "held": measured.held.value,
        "frames": measured.frames,
        "settings": asdict(measured.settings),
        "profile": tuple(round(float(grey), 1) for grey in measured.profile),
        "dead": tuple(_run(run) for run in measured.runs),
        "spread": round(measured.spread, 2),
        "level": round(measured.level, 2),
        "band": tuple(round(float(grey), 2) for grey in measured.band),
        "picture": base64.b64encode(measured.picture.tobytes()).decode(),
    }


def _run(run: Run) -> DeadRun:
    return DeadRun(first=run.first, last=run.last, from_mm=run.mm[0] if run.mm else None, to_mm=run.mm[1] if run.mm else None)


def _measured_of(check: ProbeCheck) -> Measured:
    """The measurement of a stored check.

    Raises:
        CantTell: the stored figures do not fit together.
    """
    picture = np.frombuffer(base64.b64decode(check.picture), np.uint8)
    if picture.size != check.elements * STEPS or len(check.band) != STEPS:
        raise CantTell("OTHER_ARRAY", "the baseline comes from another version of this program", "Make a new baseline")
    profile, band = np.array(check.profile), np.array(check.band)
    return Measured(Held.AIR, check.frames, AcquisitionSettings(), profile, band, picture.reshape(check.elements, STEPS), ())
