"""The report of a judgement: one HTML page that works offline, without a script. It names no patient and no file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from edge.inference.acceptance.figures import Figures, Share
from edge.inference.acceptance.judge import Judged, TooFew
from edge.inference.acceptance.limits import LIMITS
from edge.inference.acceptance.plots import distribution, reliability, roc
from edge.notice import NOTICE

STYLE = (
    "body{font:16px/1.4 sans-serif;max-width:60em;margin:1em auto;padding:0 1em;color:#222}table{border-collapse:collapse;margin:1em 0}"
    "td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left}.no{color:#a33400;font-weight:bold}.yes{color:#005a8c;font-weight:bold}"
    "td{overflow-wrap:anywhere}svg{max-width:100%;height:auto}h1 small{display:block;font-size:50%;color:#a33400}"
)


@dataclass(frozen=True, slots=True)
class Judgements:
    """What the page shows: `about` are facts on the whole judgement, `notes` such as what was not used and why, `findings` the figures."""

    release: str
    machine: str
    about: Sequence[tuple[str, str]]
    notes: Sequence[str]
    findings: Sequence[Judged | TooFew]


Row = tuple[str, ...]


def page(of: Judgements) -> str:
    """The whole report as HTML."""
    title = f"{of.release} on {of.machine}"
    notes = f"<h2>Notes</h2><ul>{''.join(f'<li>{escape(note)}</li>' for note in of.notes)}</ul>" if of.notes else ""
    limits = [("limit", "at least", "source"), *((limit.name, f"{limit.least:g}", limit.source) for limit in LIMITS)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"<h1>Site acceptance: {escape(title)}<small>{NOTICE.capitalize()}</small></h1>"
        f"{_table([('fact', 'value'), *of.about])}{notes}{''.join(map(_finding, of.findings))}<h2>Limits</h2>{_table(limits)}"
        "<p>Every figure after local calibration is of patients who were left out of the fit that judges them. A share has the exact lower "
        "95 % bound of independent patients; AUC and calibration error have the 95 % interval of a bootstrap over patients.</p>"
        "</body></html>\n"
    )


def verdict(finding: Judged | TooFew) -> str:
    """In words: met, or the reasons why not."""
    return f"not met: {'; '.join(finding.shortfalls)}" if finding.shortfalls else "every limit is met"


def rows(finding: Judged) -> list[Row]:
    """The figures of one finding, before and after local calibration, under their head."""
    counts, before, after = finding.counts, finding.before, finding.after
    ranked = f"{finding.auc.value:.2f} ({finding.auc.low:.2f} to {finding.auc.high:.2f})"
    return [
        ("figure", "before", "after local calibration"),
        ("clips with it, without it", f"{counts.clips_with}, {counts.clips_without}", "the same"),
        ("patients with it, without it", f"{counts.patients_with}, {counts.patients_without}", "the same"),
        ("AUC", ranked, "the same"),
        ("sensitivity at probability 0.5", stated(before.sensitivity), stated(after.sensitivity)),
        ("specificity at probability 0.5", stated(before.specificity), stated(after.specificity)),
        ("calibration error (ECE)", _error(before), _error(after)),
        ("truth in the set, of clips with it", stated(before.covered_with), stated(after.covered_with)),
        ("truth in the set, of clips without it", stated(before.covered_without), stated(after.covered_without)),
        ("clips with one answer", stated(before.answered), stated(after.answered)),
        ("right, of these", stated(before.right), stated(after.right)),
    ]


def stated(share: Share | None) -> str:
    """A share with its bound."""
    return "none" if share is None else f"{share.value:.2f} (at least {share.at_least:.2f})"


def _error(figures: Figures) -> str:
    return f"{figures.ece.value:.2f} ({figures.ece.low:.2f} to {figures.ece.high:.2f})"


def _finding(finding: Judged | TooFew) -> str:
    head = f"<h2>{escape(finding.label.name)}</h2>"
    mark = "no" if finding.shortfalls else "yes"
    text = f'{head}<p class="{mark}">Verdict: {escape(verdict(finding))}.</p>'
    if isinstance(finding, TooFew):
        return text
    by, limits = finding.platt, finding.thresholds
    local = (
        f"Local calibration: slope {by.slope:.3f}, offset {by.offset:.3f}. Present from {limits.present_from:.3f}, "
        f"absent up to {limits.absent_to:.3f}."
    )
    return f"{text}{_table(rows(finding))}<p>{local}</p><p>{roc(finding)}{reliability(finding)}{distribution(finding)}</p>"


def _table(table: Iterable[Row]) -> str:
    head, *others = table
    return (
        f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>"
        f"{''.join('<tr>' + ''.join(f'<td>{escape(cell)}</td>' for cell in row) + '</tr>' for row in others)}</table>"
    )
