import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.hl7.mllp import END, LONGEST, START, AcknowledgementUnreadable, MllpDecoder, MllpTooLong, acknowledgement, framed

MESSAGES = st.binary(min_size=1, max_size=40).filter(lambda content: START not in content and b"\x1c" not in content)
NOISE = st.binary(max_size=5).filter(lambda content: START not in content and b"\x1c" not in content)


@given(st.lists(st.tuples(NOISE, MESSAGES), max_size=5), st.data())
def test_any_split_of_the_stream_gives_the_same_messages(sent, data):
    stream = b"".join(noise + framed(each) for noise, each in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = MllpDecoder()
    parts = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [message for part in parts for message in decoder.feed(part)] == [message for _, message in sent]


@given(st.binary(max_size=60), st.data())
def test_the_messages_in_any_bytes_do_not_depend_on_how_they_arrive(stream, data):
    stream = stream.replace(b"a", START).replace(b"b", END)
    cut = data.draw(st.integers(0, len(stream)))
    decoder = MllpDecoder()
    halves = [*decoder.feed(stream[:cut]), *decoder.feed(stream[cut:])]
    assert halves == [*MllpDecoder().feed(stream)]


def test_a_frame_that_is_begun_again_counts_from_its_last_begin():
    assert [*MllpDecoder().feed(START + b"MSH|half" + framed(b"MSH|whole"))] == [b"MSH|whole"]


def test_a_lone_file_separator_is_part_of_the_message():
    assert [*MllpDecoder().feed(START + b"a\x1cb" + END)] == [b"a\x1cb"]


def test_a_peer_that_never_ends_its_message_is_given_up():
    decoder = MllpDecoder()
    with pytest.raises(MllpTooLong, match="without the end of a message"):
        decoder.feed(START + b"x" * (LONGEST + 1))
    assert [*decoder.feed(framed(b"MSH"))] == [b"MSH"]


@pytest.mark.parametrize("content", [b"a" + END, START + b"a"])
def test_a_message_with_the_bytes_of_a_frame_is_refused(content):
    with pytest.raises(ValueError, match="escape control characters"):
        framed(content)


@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
def test_an_acknowledgement_has_its_code_the_message_it_answers_and_its_text(code):
    answer = acknowledgement(f"MSH|^~\\&|A|B|||1||ACK|9|P|2.5.1\rMSA|{code}|42|a \\T\\ b\r".encode())
    assert (answer.code, answer.control_id, answer.text) == (code, "42", "a & b")
    assert answer.accepted == (code in ("AA", "CA"))


def test_the_text_of_a_refusal_is_read_from_the_error_segment():
    content = "MSH|^~\\&|||||1||ACK|9|P|2.5.1\rMSA|AE|42\rERR||PID^1^3|204^Unknown key identifier^HL70357|E|||ማን?|Patient not known\r"
    assert acknowledgement(content.encode()).text == "Patient not known"


def test_an_acknowledgement_with_other_delimiters_and_line_ends_is_read():
    assert acknowledgement(b"MSH#*~\\&#A\nMSA#AR#7#no\n").code == "AR"


def test_an_acknowledgement_in_latin_1_is_read():
    assert acknowledgement(b"MSH|^~\\&|\rMSA|AA|1|re\xe7u\r").text == "reçu"


@pytest.mark.parametrize(
    "content", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"MSH|^~\\&|\r", b"MSH|^~\\&|\rMSA\r", b"MSH|^~\\&|\rMSA|OK|1\r"]
)
def test_anything_else_is_no_acknowledgement(content):
    with pytest.raises(AcknowledgementUnreadable, match="no acknowledgement"):
        acknowledgement(content)
