"""Post-test probability of an exam: its own answer counts, a person states the rest, and hidden findings stay hidden."""

from dataclasses import replace

import pytest

from edge.exam.exam import ExamRefused
from edge.exam.likelihood.own import Own
from edge.exam.likelihood.post_test import PostTestRefused
from edge.exam.likelihood.published import RatioUnknown, published
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.exam.verdict import Verdict
from edge.people.actor import NotAllowed
from edge.people.permission import Role
from edge.records.store import Store
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from edge.services.likelihood import LikelihoodService, none_yet
from firmware_bridge.sources.base import Origin, SourceInfo
from tests.edge.services.review.conftest import RULE, Site, clip_finding

ZONES = ("L1", "L2", "L3", "R1", "R2", "R3")
HEART, LUNG = "ahf-b-lines", "pneumonia-all-ages"
OURS = Own("acute heart failure", "Butterfly iQ3, ward 3", 0.9, 0.7, 0.86, 0.75, 20, 50)


class Place(Site):
    """A site with the service, over its records."""

    def service(self, own=none_yet) -> LikelihoodService:
        stored, catalogue = StoredExams(self.store, self.folder), load_catalogue()
        around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda wanted: wanted)
        self.taking = ExamService(ExamBook(stored, self.review.shows), stored, catalogue, "blue-6", around)
        return LikelihoodService(self.taking, own)


@pytest.fixture
def place(tmp_path):
    made = Place(Store.open(tmp_path))
    made.folder = tmp_path / "exams"
    made.reader = made.person("Dr. Reader", Role.INTERPRET)
    yield made
    made.taking.close()
    made.store.close()


def read(place, **zones):
    """An ended exam in which every zone is normal, but for those given."""
    return place.exam(qualified=True, zones={zone: clip_finding() for zone in ZONES} | zones).id


WET = {zone: clip_finding(present=True) for zone in ("L1", "L2", "R1", "R3")}
DIM = {zone: clip_finding(unsure=True) for zone in ("L1", "L2", "R1", "R2")}


def test_the_findings_of_the_exam_state_the_sign_that_rests_on_them(place):
    service, exam = place.service(), read(place, **WET)
    found = service.post_test(place.reader, exam, 0.3, [HEART])
    assert (found.of_exam, found.result.present, round(found.result.after, 3)) == (True, True, 0.760)
    assert found.result.whose.startswith("Not figures of this site: ")
    assert (found.result.own, found.simulated, found.row.id) == (False, False, HEART)


def test_without_b_lines_the_sign_is_absent_and_the_probability_falls(place):
    found = place.service().post_test(place.reader, read(place), 0.3, [HEART]).result
    assert (found.present, round(found.after, 4)) == (False, 0.0642)


def test_a_decision_of_a_person_counts_before_the_answer_of_the_model(place):
    service, exam = place.service(), place.exam(qualified=True, zones={zone: clip_finding() for zone in ZONES} | WET)
    assert service.post_test(place.reader, exam.id, 0.3, [HEART]).result.present
    place.decide_all(exam, decision="rejected")
    assert not service.post_test(place.reader, exam.id, 0.3, [HEART]).result.present


def test_an_exam_that_cannot_tell_is_refused_in_words(place):
    service, exam = place.service(), read(place, **DIM)
    assert {each.row.id: each.stated for each in service.signs(place.reader, exam)}[HEART] is Verdict.UNSURE
    with pytest.raises(PostTestRefused, match="cannot be assessed") as refused:
        service.post_test(place.reader, exam, 0.3, [HEART])
    assert refused.value.says.code == "post_test_unsure"


def test_a_person_states_a_sign_of_which_the_exam_states_nothing(place):
    service, exam = place.service(), read(place)
    found = service.post_test(place.reader, exam, 0.3, [LUNG], Verdict.PRESENT)
    assert (found.of_exam, found.result.present, found.result.ratio.value) == (False, True, 11.05)
    for stated in (None, Verdict.UNSURE):
        with pytest.raises(PostTestRefused, match="cannot be assessed"):
            service.post_test(place.reader, exam, 0.3, [LUNG], stated)


def test_nobody_overrules_the_exam_without_a_decision_on_its_findings(place):
    service, exam = place.service(), read(place, **DIM)
    with pytest.raises(PostTestRefused, match="state it") as refused:
        service.post_test(place.reader, exam, 0.3, [HEART], Verdict.PRESENT)
    assert "decide on the findings" in refused.value.fix


@pytest.mark.parametrize(
    ("before", "signs", "refused"),
    [(None, [HEART], "no probability"), (1, [HEART], "is 1"), (0.3, [HEART, HEART], "must not be multiplied"), (0.3, [], "no sign")],
)
def test_what_the_calculation_refuses_is_refused_here(place, before, signs, refused):
    service, exam = place.service(), read(place, **WET)
    with pytest.raises(PostTestRefused, match=refused):
        service.post_test(place.reader, exam, before, signs)


def test_an_unknown_sign_is_refused(place):
    service, exam = place.service(), read(place)
    with pytest.raises(RatioUnknown):
        service.post_test(place.reader, exam, 0.3, ["gout"])


def test_every_published_sign_is_listed_with_what_the_exam_states(place):
    service, exam = place.service(), read(place, **WET)
    listed = service.signs(place.reader, exam)
    assert [each.row for each in listed] == [*published()]
    assert {each.stated for each in listed if each.row.finding} == {Verdict.PRESENT}
    assert {each.stated for each in listed if not each.row.finding} == {None}


def test_hidden_findings_are_hidden_here_too_until_the_review_is_saved(place):
    service, exam = place.service(), read(place, **WET)
    place.review.begin(place.reader, exam)
    for call in (lambda: service.signs(place.reader, exam), lambda: service.post_test(place.reader, exam, 0.3, [LUNG], Verdict.PRESENT)):
        with pytest.raises(ExamRefused, match="not shown to you yet") as refused:
            call()
        assert refused.value.says.code == "findings_hidden"


def test_the_sites_policy_hides_them_from_an_operator_who_is_not_qualified(place):
    place.review.rule = replace(RULE, shown_first=False)
    trainee, service = place.person("Trainee", Role.SCAN), place.service()
    exam = place.exam(trainee, zones=WET).id
    with pytest.raises(ExamRefused, match="not shown to you yet"):
        service.signs(trainee, exam)


def test_who_is_not_allowed_to_read_the_exam_calculates_nothing_with_it(place):
    service, exam = place.service(), read(place)
    with pytest.raises(NotAllowed):
        service.signs(place.person("Technician", Role.SERVICE), exam)


def test_figures_of_the_site_count_where_there_are_some_and_there_are_none_yet(place):
    exam = read(place, **WET)
    assert none_yet("acute heart failure") is None
    ours = place.service({OURS.condition: OURS}.get)
    assert ours.post_test(place.reader, exam, 0.3, [HEART]).result.whose.startswith("Figures of this site: Butterfly iQ3, ward 3")
    assert not ours.post_test(place.reader, exam, 0.3, [LUNG], Verdict.PRESENT).result.own


def test_nothing_is_stored(place):
    service, exam = place.service(), read(place, **WET)
    before = place.store.changes
    service.signs(place.reader, exam)
    service.post_test(place.reader, exam, 0.3, [HEART])
    assert place.store.changes == before
