"""The page in Debian's Chromium, on the real appliance with the virtual probe."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

THREE = "document.querySelectorAll('.finding').length === 3"

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def chest(web):
    with web.appliance("virtual://chest?fps=8&size=200") as url:
        yield url


def pixels(page):
    """The colours of the image, (rows, columns, 3) uint8."""
    png = page.evaluate("document.getElementById('image').toDataURL()").partition(",")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))


def percents(page):
    return page.locator(".percent").all_inner_texts()


def test_the_live_image_and_the_findings_change_and_are_marked_as_simulated(web, chest, eventually):
    with web.opened(chest) as page:
        page.wait_for_selector("#banner:visible")
        assert "SIMULATED" in page.inner_text("#banner")
        assert "not a diagnosis" in page.inner_text(".notice")
        web.until(page, THREE)
        before, first = percents(page), pixels(page)
        assert first.max() > 100
        eventually(lambda: percents(page) != before, "the findings do not change")
        eventually(lambda: not np.array_equal(first, pixels(page)), "the image does not change")
        assert page.locator("#cover").is_hidden()
        assert "virtual" in page.text_content("#figures")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_a_machine_without_validation_is_marked_on_every_screen_and_no_finding_is_decided(web, chest, width, height):
    with web.opened(chest, width, height) as page:
        web.until(page, THREE)
        assert page.inner_text("#machine") == "MACHINE NOT VALIDATED: SonoEdge virtual probe"
        assert {word.partition(":")[0] for word in page.locator(".word").all_inner_texts()} == {"Can't tell"}
        assert "validate the model for this machine" in page.text_content("#figures")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the mark makes the page wider than the screen"


def test_freeze_holds_one_frame_with_its_own_findings(web, chest):
    with web.opened(chest) as page:
        web.until(page, THREE)
        page.click("#freeze")
        assert page.locator("#frozen").is_visible()
        image, before = pixels(page), percents(page)
        page.wait_for_timeout(1000)
        assert np.array_equal(image, pixels(page))
        assert percents(page) == before
        page.click("#freeze")
        web.until(page, "document.getElementById('frozen').hidden")


def test_choosing_no_map_shows_the_bare_grey_frame(web, chest):
    with web.opened(chest) as page:
        page.wait_for_selector("[data-map=none]")
        page.click("#freeze")
        page.click("[data-map=none]")
        image = pixels(page)
        assert np.array_equal(image[..., 0], image[..., 1])
        assert page.get_attribute("[data-map=none]", "aria-pressed") == "true"


@pytest.mark.parametrize("width", [390, 820, 1180])
def test_the_page_fits_phone_and_tablet(web, chest, width):
    with web.opened(chest, width, 844) as page:
        web.until(page, THREE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert min(box["height"] for box in (b.bounding_box() for b in page.locator("button:visible").all())) >= 48


def test_the_documentation_is_made_from_the_api_itself(web, chest):
    with web.opened(chest + "docs") as page:
        page.wait_for_selector("text=GET /api/v1/readings")
        page.locator("section", has_text="GET /api/v1/version").locator("button").click()
        page.wait_for_selector("text=research use, not a diagnosis")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (800, 1280), (1280, 800)])
def test_the_documentation_has_one_column(web, chest, width, height):
    with web.opened(chest + "docs", width, height) as page:
        page.wait_for_selector("text=GET /api/v1/readings")
        whole = page.locator("main").evaluate("(main) => main.clientWidth - 2 * parseFloat(getComputedStyle(main).paddingLeft)")
        widths = page.evaluate("[...document.querySelectorAll('main > *')].map((each) => each.getBoundingClientRect().width)")
        assert len(widths) > 20
        assert all(abs(each - whole) < 1 for each in widths)


WORDED = "document.title.startsWith('SonoEdge') && ['h1', '.notice'].every((each) => document.querySelector(each).textContent)"
LABELLED = "[...document.querySelectorAll('[data-t-aria-label]')].every((each) => each.ariaLabel)"


@pytest.mark.parametrize("path", ["", "exams", "probe", "people", "docs"])
def test_every_page_has_its_words_and_its_labels(web, chest, path):
    with web.opened(chest + path, tolerated="the server responded with a status of") as page:
        web.until(page, WORDED)
        web.until(page, LABELLED)


def write_clip(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        rng = np.random.default_rng(0)
        for _ in range(60):
            picture = np.repeat(rng.integers(20, 120, (120, 160, 1), dtype=np.uint8), 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


@pytest.mark.slow
def test_a_recording_is_shown_as_replay_and_its_end_covers_the_image(web, tmp_path):
    write_clip(tmp_path / "clip.mp4")
    with web.appliance(f"file://{tmp_path}/clip.mp4?pace=1") as url, web.opened(url) as page:
        web.until(page, "document.getElementById('banner').textContent.startsWith('REPLAY')")
        assert "SIMULATED" not in page.inner_text("body")
        web.until(page, "document.getElementById('cover-title').textContent === 'Recording ended'")
        assert page.locator("#cover").is_visible()


@pytest.mark.slow
def test_the_banner_changes_and_a_lost_probe_covers_the_image(web, tmp_path):
    """A probe that stops while it streams; then a recording is played at the same port, and the banner changes."""
    link = tmp_path / "probe"
    write_clip(tmp_path / "clip.mp4")
    probe = web.emulate(link)
    with web.appliance(f"serial://{link}") as url, web.opened(url) as page:
        web.until(page, "document.getElementById('banner').textContent.startsWith('SIMULATED')")
        web.until(page, "document.getElementById('cover').hidden")  # a probe states that it is simulated before it streams
        web.end(probe)
        web.until(page, "document.getElementById('cover-title').textContent === 'Probe unplugged'")
        assert page.locator("#cover").is_visible()
        second = web.emulate(link, "--input", str(tmp_path / "clip.mp4"))
        web.until(page, "document.getElementById('banner').textContent.startsWith('REPLAY')")
        web.until(page, "document.getElementById('cover').hidden")
    web.end(second)


SIZES = [(360, 740), (800, 1280), (1280, 800)]
IN_VIEW = """id => {
  const { top, bottom, left, right } = document.getElementById(id).getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
}"""


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_exam_begins_without_scrolling_and_its_image_and_bars_stay_in_view(web, chest, width, height):
    with web.opened(chest, width, height) as page:
        web.until(page, THREE)
        for part in ("exam-begin", "freeze", "image", "findings"):
            assert page.evaluate(IN_VIEW, part), part
        bottom, top = (page.locator(part).bounding_box() for part in ("#findings", ".thumbs"))
        assert bottom["y"] + bottom["height"] <= top["y"], "the buttons cover the findings"
        page.evaluate("window.scrollTo(0, 400)")
        page.wait_for_timeout(200)
        assert page.evaluate("window.scrollY") > 0
        for part in ("banner", "machine", "guide", "image", "freeze"):
            assert page.evaluate(IN_VIEW, part), part
