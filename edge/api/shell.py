"""The shell of the pages: HTML, modules, styles, words and icon. It holds nothing about a patient, so a browser is allowed to store it.

Its version is a digest of all its files: a browser asks for it at each load (`no-cache`) and receives again only what has changed. Where a
browser admits a service worker (`edge/web/sw.js`), that stores the shell, so that a page opens while the appliance is away.
"""

import gzip
import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from fastapi import Response
from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

WEB = Path(__file__).resolve().parents[1] / "web"
WORKER, WORDS = "sw.js", "i18n"
PREFIX = "/web"
NEEDS = "browser.needed"
"""The key of the sentence for a browser that cannot run the pages."""
SENTENCE = '<p class="problem" lang="{}" dir="auto">{}</p>'
HEAD = '  <link rel="manifest" href="/web/manifest.webmanifest">\n  <script src="/web/first.js"></script>\n</head>'
UNUSABLE = '<link rel="stylesheet" href="/web/style/unusable.css">'
OLD = '\n  <script src="/web/old.js"></script>\n</body>'


def version_of(web: Path) -> str:
    """The digest of all files of a folder with their names: 16 hexadecimal digits."""
    whole = hashlib.sha256()
    for file in _files(web):
        whole.update(f"{file.relative_to(web)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def pages_of(web: Path, names: Mapping[str, str]) -> Mapping[str, str]:
    """The HTML of each page, by its path; `names` has the file of each.

    Every page has the manifest, the script that runs first, and the sentence for a browser that cannot run it, in every language.
    """
    words = {file.stem: json.loads(file.read_text())[NEEDS] for file in sorted((web / WORDS).glob("*.json"), key=_english_first)}
    needed = UNUSABLE + "".join(SENTENCE.format(language, html.escape(text)) for language, text in words.items())
    begin = f"<body>\n  <noscript>{needed}</noscript>"

    def page(name: str) -> str:
        return (web / name).read_text().replace("</head>", HEAD).replace("\n</body>", OLD).replace("<body>", begin)

    return {path: page(name) for path, name in names.items()}


def worker_of(web: Path, pages: Iterable[str]) -> str:
    """The service worker, with the version of the shell and the addresses that it stores: `pages` and the files, but one language only."""
    files = [f"{PREFIX}/{file.relative_to(web)}" for file in _files(web) if file.suffix not in {".html", ".json"} and file.name != WORKER]
    shell = {"version": version_of(web), "files": [*pages, *files], "words": f"{PREFIX}/{WORDS}/"}
    return f"const SHELL = {json.dumps(shell)};\n{(web / WORKER).read_text()}"


class ShellFiles(StaticFiles):
    """The files of the shell, which are all text. The tag of each is the version of all: two releases can give a file one size and time."""

    def __init__(self, web: Path) -> None:
        super().__init__(directory=web)
        self._tag = f'"{version_of(web)}"'
        self._headers = {"ETag": f"W/{self._tag}", "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}

    def file_response(self, full_path: "PathLike[str] | str", stat_result: stat_result, scope: Scope, status_code: int = 200) -> Response:
        asked = Headers(scope=scope)
        response: Response = FileResponse(full_path, status_code, stat_result=stat_result)
        if "gzip" in asked.get("accept-encoding", ""):
            response = Response(_packed(str(full_path)), status_code, {"Content-Encoding": "gzip"}, response.headers["Content-Type"])
        else:
            del response.headers["Last-Modified"]
        response.headers.update(self._headers)
        known = self.is_not_modified(Headers({"ETag": self._tag}), asked)  # it compares without the W/ of a tag for each packing
        return NotModifiedResponse(response.headers) if known else response


@cache
def _packed(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)


def _english_first(words: Path) -> tuple[bool, str]:
    return words.stem != "en", words.stem


def _files(web: Path) -> list[Path]:
    return sorted(file for file in web.rglob("*") if file.is_file())
