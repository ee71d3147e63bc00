"""Every command that the documents show can be given: its program, its verb, its options and its arguments exist."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import typer.main
from distributed.cli import dask_scheduler, dask_worker
from typer.exceptions import TyperException

from edge.cli import build

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

OTHER_TEXT = {"c", "csv", "json", "python", "sonolink", "toml", "yaml"}
"""Languages of fenced blocks that hold no commands; a block of any other language does."""

TREES = ("models/", "tests/")
"""A word that begins with one of these is a path in the repository."""

WITHOUT_COMMANDS = {"sonolink.md": "it specifies bytes on a wire"}

NOT_PARSED = {
    "systemctl status sonoedge": "systemd",
    "pg_dump --format=custom --file=orthanc.dump orthanc": "PostgreSQL; tests/peers/test_district.py runs it",
    "systemctl stop sonoedge": "systemd",
    "systemctl start sonoedge": "systemd",
    "journalctl -u sonoedge -f": "systemd",
    "apt install fonts-noto-core": "Debian's packages",
    "apt install fonts-noto-cjk": "Debian's packages",
    "systemctl restart sonoedge": "systemd",
    "systemctl enable --now systemd-resolved": "systemd",
    "hostnamectl set-hostname xxxx-xxxx-xxxx-x": "systemd",
    "journalctl -u sonoedge -o cat": "systemd",
    "./probe": "made by the command before it; tests/firmware_bridge/device runs both",
}
"""Commands of other programs, each with why it is not parsed here."""

FENCE = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4,}\S[^\n]*\n)+", re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)#:\s]+)(?:#[^)]*)?\)")


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is the command without its comment; `whole` tells a line to type from a command named within a sentence."""

    page: str
    text: str
    whole: bool


def lines_of(page: Path) -> list[Line]:
    """Every line of a block of commands, and every command within a sentence."""
    text = page.read_text()
    rest = FENCE.sub("", text)
    blocks = [match["text"] for match in FENCE.finditer(text) if match["language"] not in OTHER_TEXT]
    blocks += [match[0] for match in INDENTED.finditer(rest)]
    typed = [Line(page.name, bare(line), whole=True) for block in blocks for line in block.splitlines() if line.strip()]
    spans = re.findall(r"`([^`\n]+)`", rest)
    return typed + [Line(page.name, bare(span), whole=False) for span in spans if program_of(bare(span)) in PARSERS and " " in span.strip()]


def bare(line: str) -> str:
    """Without what another program takes: a comment, a redirection, sudo."""
    line = re.sub(r"\s#.*|\s>.*", "", line).strip()
    return re.sub(r"^(?:\$ )?(?:sudo (?:-u \w+ )?)?", "", line)


def program_of(line: str) -> str:
    return line.split(maxsplit=1)[0].rpartition("/")[2]


def parse_sonoedge(words: list[str], whole: bool) -> None:
    """By the real command line; the placeholders RELEASE, FILE and the like are words as any other."""
    command = typer.main.get_command(build(words[0]))
    while hasattr(command, "commands"):
        assert words, "it stops before its verb"
        assert words[0] in command.commands, f"there is no verb {words[0]}"
        command = command.commands[words.pop(0)]
    parse(command, words, whole)


def parse(command: click.Command, words: list[str], whole: bool) -> None:
    context = command.context_class(command, info_name=command.name)
    values, left, _ = command.make_parser(context).parse_args(words)
    assert not left, f"too many words: {left}"
    missing = [each.name for each in command.params if each.required and values.get(str(each.name)) in (None, ())]
    assert not whole or not missing, f"required: {missing}"


def parse_make(words: list[str], whole: bool) -> None:
    makefile = (ROOT / "Makefile").read_text()
    goals = [word for word in words if "=" not in word]
    assert goals
    assert [goal for goal in goals if not re.search(rf"^{re.escape(goal)}:", makefile, re.MULTILINE)] == []
    for name, value in (word.split("=", 1) for word in words if "=" in word):
        assert re.search(rf"^{name} \?=", makefile, re.MULTILINE), f"make takes no {name}"
        if name == "DEMO_ARGS":
            parse_sonoedge(["demo", *shlex.split(value)], whole)
        elif name == "TEST_ARGS":
            assert [path for path in shlex.split(value) if path.startswith(TREES) and not (ROOT / path).exists()] == []


def parse_python(words: list[str], _whole: bool) -> None:
    flag, module, *rest = words
    assert flag == "-m"
    assert find_spec(module) is not None, f"there is no module {module}"
    assert [path for path in rest if path.startswith(TREES) and not (ROOT / path).exists()] == []


def parse_install(words: list[str], _whole: bool) -> None:
    script = (ROOT / "provisioning" / "install.sh").read_text()
    assert [word for word in words if word.startswith("--") and not re.search(rf"^ +{word}\)", script, re.MULTILINE)] == []


def parse_cc(words: list[str], _whole: bool) -> None:
    named = [word.removeprefix("-I") for word in words if word.endswith((".c", ".h")) or word.startswith("-I")]
    assert len(named) > 1
    assert [name for name in named if not (ROOT / name).exists()] == []


def parse_dask(words: list[str], whole: bool) -> None:
    parse({"scheduler": dask_scheduler.main, "worker": dask_worker.main}[words[0]], words[1:], whole)


PARSERS: Mapping[str, Callable[[list[str], bool], None]] = {
    "sonoedge": parse_sonoedge,
    "make": parse_make,
    "python": parse_python,
    "install.sh": parse_install,
    "cc": parse_cc,
    "dask": parse_dask,
}

LINES = [line for page in PAGES for line in lines_of(page)]


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.page}: {line.text}")
def test_a_command_can_be_given(line: Line) -> None:
    if line.text in NOT_PARSED:
        return
    parser = PARSERS.get(program_of(line.text))
    assert parser is not None, f"{line.text}: parse this program here, or list the line in NOT_PARSED with the reason"
    parser(shlex.split(line.text)[1:], line.whole)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_commands_that_are_checked(page: Path) -> None:
    checked = [line for line in LINES if line.page == page.name and line.text not in NOT_PARSED]
    assert bool(checked) != (page.name in WITHOUT_COMMANDS)


def test_the_documents_show_every_verb() -> None:
    named = {shlex.split(line.text)[1] for line in LINES if program_of(line.text) == "sonoedge"}
    assert named >= set(typer.main.get_command(build("")).commands)


def test_every_line_that_is_not_parsed_is_in_a_document() -> None:
    assert set(NOT_PARSED) <= {line.text for line in LINES}


@pytest.mark.parametrize(
    "wrong",
    [
        "sonoedge fly",
        "sonoedge probe",
        "sonoedge run --fast",
        "sonoedge infer",
        "sonoedge doctor now",
        "make coffee",
        'make demo DEMO_ARGS="--fast"',
        "python -m models.nothing",
        "python -m pytest tests/nothing",
        "install.sh --wheel",
        "cc -Inowhere nothing.c -o probe",
        "dask worker tcp://HOST:8786 --fast",
    ],
)
def test_a_wrong_command_is_found(wrong: str) -> None:
    with pytest.raises((AssertionError, click.ClickException, TyperException)):
        PARSERS[program_of(wrong)](shlex.split(wrong)[1:], True)


def test_commands_are_found_in_every_kind_of_block(tmp_path: Path) -> None:
    page = tmp_path / "new.md"
    blocks = ["Run `sonoedge doctor --json`:", "    sudo sonoedge run   # now", "1. Or", "       make test"]
    blocks += ["```\n$ make demo\n```", "```yaml\na: 1\n```"]
    page.write_text("\n\n".join(blocks) + "\n")
    assert {line.text for line in lines_of(page)} == {"sonoedge doctor --json", "sonoedge run", "make test", "make demo"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(page.read_text()):
        assert (page.parent / match["target"]).exists(), f"{page.name} links to {match['target']}"
