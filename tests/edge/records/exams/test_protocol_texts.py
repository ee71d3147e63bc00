"""The text of a protocol is stored by its digest: when an exam begins, and later for earlier exams."""

from edge.records.exams.exams import Exams
from edge.records.exams.protocol_texts import ProtocolText, ProtocolTexts
from edge.records.schema import AuditRow, ProtocolTextRow

TEXT = ProtocolText("blue-6", "1.0.0", '{"id": "blue-6"}')


def test_an_exam_that_begins_stores_the_text_of_its_protocol_once(store, made):
    for folder in ("one", "two"):
        Exams(store).begin("sara", made.exam(folder, protocol_digest=TEXT.digest), made.states, TEXT)
    assert ProtocolTexts(store).get(TEXT.digest) == TEXT.text
    with store.read() as session:
        assert session.query(ProtocolTextRow).count() == 1


def test_an_exam_from_before_gets_the_text_with_its_digest_and_no_other(store, made):
    exams, texts = Exams(store), ProtocolTexts(store)
    exams.begin("sara", made.exam("one", protocol_digest=TEXT.digest), made.states)
    exams.begin("sara", made.exam("two", protocol_digest="of a text that is nowhere"), made.states)
    assert texts.store_missing([TEXT, ProtocolText("lus-8", "1", "{}")]) == (TEXT.digest,)
    assert (texts.get(TEXT.digest), texts.get("of a text that is nowhere")) == (TEXT.text, None)
    with store.read() as session:
        assert session.query(AuditRow).order_by(AuditRow.seq.desc()).first().act == "protocol.stored"
    changes = store.changes
    assert (texts.store_missing([TEXT]), store.changes) == ((), changes)


def test_a_text_that_was_changed_on_the_disk_is_not_used_and_the_next_exam_repairs_it(store, made):
    exams, texts = Exams(store), ProtocolTexts(store)
    exams.begin("sara", made.exam("one", protocol_digest=TEXT.digest), made.states, TEXT)
    with store.write() as change:
        change.session.get(ProtocolTextRow, TEXT.digest).text = '{"id": "another"}'
        change.log("tester", "protocol.changed", "protocol/blue-6")
    assert texts.get(TEXT.digest) is None
    exams.begin("sara", made.exam("two", protocol_digest=TEXT.digest), made.states, TEXT)
    assert texts.get(TEXT.digest) == TEXT.text
