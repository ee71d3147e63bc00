from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from edge.inference.acceptance.judge import judge
from edge.inference.acceptance.page import Judgements, page, rows, verdict
from edge.inference.acceptance.plots import distribution, reliability, roc


@pytest.fixture
def judged(site, label):
    return judge([label], 0.1, site())[0]


@pytest.fixture
def made(judged, site, label):
    few = judge([label], 0.1, site(3, 30))[0]
    return page(Judgements("lung-s-1.0.0", "Maker <b>Model</b>", [("clips", "100")], ["2 recordings are copies"], [judged, few]))


def test_the_page_stands_alone_and_states_the_notice(made):
    assert "Research use, not a diagnosis" in made
    assert "<script" not in made
    assert "http" not in made.replace("http-equiv", "")
    assert "Maker &lt;b&gt;Model&lt;/b&gt;" in made
    assert "2 recordings are copies" in made


def test_the_page_shows_each_finding_with_its_figures_and_pictures(made, judged):
    assert made.count("<svg") == 3
    for row in rows(judged):
        assert all(cell.replace("&", "&amp;") in made for cell in row)
    assert "3 patients with it, and 10 are needed" in made
    assert verdict(judged) == "every limit is met"


class Open(HTMLParser):
    """The elements that are open."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, _):
        if tag != "meta":
            self.tags.append(tag)

    def handle_startendtag(self, tag, _):
        pass

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag


def test_every_element_of_the_page_is_closed(made):
    parser = Open()
    parser.feed(made)
    assert parser.tags == []


@pytest.mark.parametrize("draw", [roc, reliability, distribution])
def test_a_picture_is_svg_within_its_frame(judged, draw):
    root = ElementTree.fromstring(draw(judged))
    side = float(root.get("width"))
    for line in root.iter("polyline"):
        assert all(0 <= float(number) <= side for number in line.get("points").replace(",", " ").split())
    for mark in root.iter("circle"):
        assert 0 <= float(mark.get("cx")) <= side
