"""The shell of the pages: what a browser is allowed to store, and how it notices a new version."""

import json
import re

import pytest

from edge.api.app import PAGES
from edge.api.shell import WEB, version_of, worker_of

LIVE = "/web/live.js"


def test_a_file_is_sent_again_only_after_a_change(client):
    first = client.get(LIVE)
    assert first.headers["cache-control"] == "no-cache"
    assert "last-modified" not in first.headers
    again = client.get(LIVE, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"
    assert client.get(LIVE, headers={"If-None-Match": '"of another release"'}).content == first.content


def test_a_file_is_packed_for_those_who_can_unpack_it(client):
    packed, plain = (client.get(LIVE, headers={"Accept-Encoding": way}) for way in ("gzip, br", "identity"))
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == (WEB / "live.js").read_text()
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


def test_the_appliance_states_the_version_of_its_shell_as_each_file_does(client):
    assert client.get(LIVE).headers["etag"] == f'W/"{client.get("/api/v1/version").json()["shell"]}"'


def test_another_content_or_name_is_another_version(tmp_path):
    (tmp_path / "a.js").write_text("one")
    first = version_of(tmp_path)
    assert version_of(tmp_path) == first
    (tmp_path / "a.js").write_text("two")
    second = version_of(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({first, second, version_of(tmp_path)}) == 3


def test_the_worker_stores_the_pages_and_their_files_and_nothing_of_the_api(client):
    answer = client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-store"
    shell = json.loads(re.match(r"const SHELL = (.*);\n", answer.text)[1])
    assert shell["version"] == version_of(WEB)
    assert {*PAGES, "/web/main.js", "/web/style/tokens.css", "/web/icon.svg"} <= set(shell["files"])
    assert not any(file.startswith("/api") or file.endswith((".json", ".html")) for file in shell["files"])
    for file in [*shell["files"], f"{shell['words']}hi.json"]:
        assert client.get(file).status_code == 200, file
    assert answer.text == worker_of(WEB, PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_sentence_for_a_browser_that_cannot_run_it_in_every_language(client, path):
    page = client.get(path).text
    stated = re.search(r"<body>\s*<noscript>(.*?)</noscript>", page)[1]
    assert {"en", "fr", "es", "sw", "am", "ar", "hi"} == set(re.findall(r'lang="(\w+)"', stated))
    assert '<script src="/web/old.js"></script>\n</body>' in page
    assert 'rel="manifest"' in page


def test_the_page_can_be_put_on_a_home_screen(client):
    answer = client.get("/web/manifest.webmanifest")
    assert answer.headers["content-type"].partition(";")[0] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["start_url"] in PAGES
    assert all(client.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
