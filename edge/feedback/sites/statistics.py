"""The statistics of one site, as they leave it.

They are sums over all zones, exams and protocols: neither a name nor a date of an exam, nor an age, sex or zone. A share of fewer than
`LEAST` patients is not in them, so that no sum of sites can state it. Other counts are exact, also small ones, because sums of many sites
need them; what shows them hides small counts.
"""

from dataclasses import astuple
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.performance import stored
from edge.feedback.performance.collect import Collected, Subject
from edge.feedback.statistics.binned import BINS, Binned
from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.figure import Figure
from edge.feedback.statistics.scored import auc
from edge.feedback.statistics.tally import Tally

FORMAT: Literal["sonoedge-site-statistics/1"] = "sonoedge-site-statistics/1"
METHOD = f"{stored.METHOD}.1"
"""How the cases are collected, and how they are counted here. Statistics of two methods are not added."""
SHARES = ("sensitivity", "specificity", "answered")


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _possible(tally: Tally) -> Tally:
    least = LEAST <= tally.patients <= tally.of and 0 <= tally.hits <= tally.of
    squares = tally.hits <= tally.hits_squared <= tally.hits_by_of <= tally.of_squared and tally.of <= tally.of_squared <= tally.of**2
    if not least or not squares:
        raise ValueError(f"{astuple(tally)} are no sums of hits among cases of {LEAST} or more patients")
    return tally


def _whole(binned: Binned) -> Binned:
    if {len(each) for each in astuple(binned)} != {BINS} or min(*binned.having, *binned.lacking, *binned.probability) < 0:
        raise ValueError(f"these are not the counts of {BINS} bins")
    return binned


SumsOrNone = Annotated[Tally, AfterValidator(_possible)] | None


class SubjectSums(_Data):
    """The sums of one subject, see `edge.feedback.performance.collect.Subject`; None: of fewer than `LEAST` patients.

    `auc` is that of this site, with its interval; `binned` adds up to an approximate one of all sites.
    """

    kind: Literal["zone", "exam"]
    finding: Annotated[str, Field(max_length=100)]
    condition: Annotated[str, Field(max_length=100)]
    sensitivity: SumsOrNone
    specificity: SumsOrNone
    answered: SumsOrNone
    auc: Figure | None
    binned: Annotated[Binned, AfterValidator(_whole)] | None

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.finding, self.condition)


class SiteStatistics(_Data):
    """`site` is the fingerprint of the key of the board, which tells one from another; empty where it has none.

    `exams` had a case, None for a small number of them.
    """

    format: Literal["sonoedge-site-statistics/1"]
    method: Annotated[str, Field(max_length=40)]
    site: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")]
    at: AwareDatetime
    exams: Annotated[int, Field(ge=0)] | None
    subjects: Annotated[tuple[SubjectSums, ...], Field(max_length=1000)]


def statistics_of(found: Collected, site: str, at: AwareDatetime) -> SiteStatistics:
    """The statistics of what was collected at a site."""
    person_of = found.person_of()
    order = sorted(found.together().items(), key=lambda pair: (pair[0].kind == "exam", pair[0].condition, pair[0].finding))
    subjects = tuple(_sums(subject, cohort.cases(person_of)) for subject, cohort in order)
    return SiteStatistics(format=FORMAT, method=METHOD, site=site, at=at, exams=shown_count(found.exams.total()), subjects=subjects)


def _sums(subject: Subject, cases: Cases) -> SubjectSums:
    confusion, ranked = Confusion.of(cases), auc(cases)
    tallies = {name: _enough(getattr(confusion, name)) for name in SHARES}
    scores = {"auc": ranked, "binned": Binned.of(cases)} if isinstance(ranked, Figure) else {"auc": None, "binned": None}
    about = {"kind": subject.kind, "finding": subject.finding, "condition": subject.condition}
    return SubjectSums.model_validate({**about, **tallies, **scores})


def _enough(tally: Tally) -> Tally | None:
    return tally if tally.patients >= LEAST else None
