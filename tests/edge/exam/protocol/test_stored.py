"""The protocol of an exam comes from the text stored with it, whatever the protocol files are by now."""

import pytest

from edge.exam.exam import Exam
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.protocol.stored import ProtocolTextMissing, StoredProtocols, text_of
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.protocol_texts import ProtocolText

CATALOGUE = load_catalogue()
BLUE = CATALOGUE.named("blue-6")
NO_FILES = Catalogue((), ())


@pytest.fixture
def begin(store):
    def make(protocol=BLUE, stored=True):
        text = text_of(protocol)
        under = {"protocol": text.id, "protocol_version": text.version, "protocol_digest": text.digest}
        new = NewExam(**under, folder="one", simulated=True, qualified=True, operator="sara")
        return Exams(store).begin("sara", new, Exam.begin(protocol).as_record(), text if stored else None)

    return make


@pytest.mark.parametrize("files", [NO_FILES, Catalogue((BLUE.model_copy(update={"name": "Another"}),), ())], ids=["removed", "changed"])
def test_a_protocol_whose_file_was_removed_or_changed_is_still_the_exams(store, begin, files):
    assert StoredProtocols(store, files).of(begin()) == BLUE


def test_a_text_that_is_nowhere_is_named_with_the_next_step(store, begin):
    with pytest.raises(ProtocolTextMissing, match=r"protocol blue-6 1\.0\.0.*is not stored.*Restore the original protocol file"):
        StoredProtocols(store, NO_FILES).of(begin(stored=False))


def test_once_a_start_has_seen_the_file_the_exam_does_not_need_it_any_more(store, begin):
    exam = begin(stored=False)
    StoredProtocols(store, CATALOGUE).store_missing()
    assert StoredProtocols(store, NO_FILES).of(exam) == BLUE


def test_a_text_with_a_field_of_a_newer_program_is_read_without_it(store):
    text = ProtocolText(BLUE.id, BLUE.version, BLUE.text[:-1] + ',"colour":"blue"}')
    new = NewExam(
        folder="n", protocol=text.id, protocol_version="1", protocol_digest=text.digest, simulated=True, qualified=True, operator="sara"
    )
    exam = Exams(store).begin("sara", new, Exam.begin(BLUE).as_record(), text)
    assert StoredProtocols(store, NO_FILES).of(exam) == BLUE
