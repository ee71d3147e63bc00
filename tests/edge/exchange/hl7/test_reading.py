"""A message is read strictly: what its character set does not explain is flagged, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exchange.hl7.er7 import escaped
from edge.exchange.hl7.reading import MOST_SEGMENTS, Hl7Unreadable, Text, parsed

HEAD = "MSH|^~\\&|HIS|GONDAR|||20261130081500||ADT^A01|42|P|2.5.1||||||"


def field(content, charset="UNICODE UTF-8", codec="utf-8"):
    """PID-5 of a message with this content there."""
    raw = content if isinstance(content, bytes) else content.encode(codec)
    return parsed(f"{HEAD}{charset}\rPID|||||".encode() + raw + b"\r").first("PID")[5]


def test_fields_components_and_repetitions_are_found_by_their_numbers() -> None:
    message = parsed(b"MSH|^~\\&|HIS||||2026||ADT^A01|42\rPID|1||a^b&c~d\r\nPV1||I\n")
    assert [each.name for each in message.segments] == ["MSH", "PID", "PV1"]
    assert (message.msh[9].component(2).text, message.msh[10].text.text, message.msh[99].text.text) == ("A01", "42", "")
    assert [each.raw for each in message.first("PID")[3].repetitions] == ["a^b&c", "d"]
    assert message.first("PID")[3].component(2, 2).text == "c"
    assert not message.first("ZZZ")[1].text


def test_other_delimiters_are_read_as_the_message_states_them() -> None:
    message = parsed(b"MSH#*?!%#HIS\rPID#1##a*b!S!c?d\r")
    assert message.first("PID")[3].component(2).text == "b*c"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("GB 18030-2000", "gb18030"), ("~UNICODE UTF-8", "ascii"), ("unicode utf-8", "utf-8")],
)
def test_a_name_is_read_in_its_stated_character_set(charset, codec) -> None:
    name = "አበበ" if codec != "ascii" else "Abebe"
    assert field(name, charset, codec).text == Text(name)


@pytest.mark.parametrize(
    ("charset", "name"), [("8859/1", "Aïssatou"), ("8859/6", "فاطمة"), ("8859/15", "Œuvre"), ("BIG-5", "山田"), ("KS X 1001", "김")]
)
def test_a_name_in_an_older_set_is_read(charset, name) -> None:
    codec = {"BIG-5": "big5", "KS X 1001": "euc_kr"}.get(charset) or f"iso8859-{charset.partition('/')[2]}"
    assert field(name, charset, codec).text == Text(name)


@pytest.mark.parametrize("charset", ["", "ASCII", "UNICODE", "ISO IR87", "WINDOWS-1252", "~UNICODE UTF-8"])
def test_characters_without_a_known_set_are_written_as_their_bytes_and_flagged(charset) -> None:
    assert field("Aïssatou", charset).text == Text("A\\xC3\\xAFssatou", certain=False)
    assert field("Aissatou", charset).text == Text("Aissatou")


def test_bytes_that_are_not_of_the_stated_set_are_flagged_where_they_are_and_not_elsewhere() -> None:
    message = parsed(f"{HEAD}UNICODE UTF-8\rPID|1||P-1||".encode() + b"Dupr\xe9^Jean\r")
    assert message.first("PID")[3].text == Text("P-1")
    assert message.first("PID")[5].text == Text("Dupr\\xE9", certain=False)
    assert message.first("PID")[5].component(2) == Text("Jean")


@pytest.mark.parametrize(("raw", "text"), [("a\\S\\b", "a^b"), ("\\T\\\\E\\", "&\\"), ("\\X41\\", "A"), ('""', "")])
def test_escapes_are_read(raw, text) -> None:
    assert field(raw).text == Text(text)


@pytest.mark.parametrize("raw", ["\\C2842\\x", "\\H\\bold\\N\\", "\\XE9\\", "\\X4\\", "a\\", "a\\Sb", "\\X0A\\", "a\x07b"])
def test_an_escape_that_may_stand_for_anything_is_not_guessed(raw) -> None:
    assert not field(raw).text.certain


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30))
def test_any_text_that_is_escaped_is_read_as_it_was(text) -> None:
    assert field(escaped(text)).component(1) == Text(text.strip(" ") if text != '""' else "")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content) -> None:
    for each in (content, b"MSH|^~\\&|" + content, HEAD.encode() + b"\rPID|" + content):
        try:
            message = parsed(each)
        except Hl7Unreadable:
            continue
        for segment in message.segments:
            for number in range(1, 12):
                text = segment[number].text.text
                assert text.isprintable() or message.decoded


@pytest.mark.parametrize(
    "content", [b"", b"MSH", b"MSH|^~\\", b"MSH|||||||", b"MSH|^^^^|", b"MSHabcde|", b"GET / HTTP/1.1\r\n", b"\xff\xfeM\x00S\x00H\x00"]
)
def test_anything_else_is_no_message(content) -> None:
    with pytest.raises(Hl7Unreadable):
        parsed(content)


def test_a_message_of_endless_segments_is_refused() -> None:
    with pytest.raises(Hl7Unreadable, match="segments"):
        parsed(HEAD.encode() + b"\rOBX|" * (MOST_SEGMENTS + 1))
