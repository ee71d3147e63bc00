import pytest

from firmware_bridge.errors import SourceUnknown
from firmware_bridge.sources.url import SourceUrl, open_source, parse_url


@pytest.mark.parametrize(
    ("url", "scheme", "path", "host", "options"),
    [
        ("serial:///dev/ttyACM0", "serial", "/dev/ttyACM0", "", {}),
        ("serial://COM3?baud=9600", "serial", "", "COM3", {"baud": "9600"}),
        ("file:///a%20b/c%231.mp4?pace=1&loop=0", "file", "/a b/c#1.mp4", "", {"pace": "1", "loop": "0"}),
        ("FILE:///a#b.png", "file", "/a#b.png", "", {}),
        ("virtual://", "virtual", "", "", {}),
        ("virtual://?seed=3&noise", "virtual", "", "", {"seed": "3", "noise": ""}),
    ],
)
def test_a_url_is_split_into_its_parts(url: str, scheme: str, path: str, host: str, options: dict[str, str]) -> None:
    assert parse_url(url) == SourceUrl(scheme, path, host, options, url)


@pytest.mark.parametrize(
    ("url", "reported"),
    [
        ("", "serial:///dev/ttyACM0"),
        ("/clips/a b.mp4", "file:///clips/a%20b.mp4"),
        ("usb://probe", "there is no kind of source 'usb'"),
        ("C:\\clips\\a.mp4", "there is no kind of source 'c'"),
        ("file://[broken", "is not a source URL"),
    ],
)
def test_a_wrong_source_url_is_refused_with_the_next_step(url: str, reported: str) -> None:
    with pytest.raises(SourceUnknown) as caught:
        open_source(url)
    assert reported in str(caught.value)


def test_options_are_flags_and_numbers_or_a_clear_refusal() -> None:
    url = parse_url("virtual://?rate=12.5&a=1&b=no&c=maybe&d")
    assert url.number("rate", 30) == 12.5
    assert url.number("seed", 7) == 7
    assert [url.flag(name) for name in ("a", "b", "d", "absent")] == [True, False, True, False]
    with pytest.raises(SourceUnknown, match="neither yes nor no"):
        url.flag("c")
    with pytest.raises(SourceUnknown, match="c=maybe is not a number"):
        url.number("c", 1)
    url.allow("rate", "a", "b", "c", "d")
    with pytest.raises(SourceUnknown, match=r"has no option 'c'\. Known options: a, b, d, rate"):
        url.allow("rate", "a", "b", "d")
