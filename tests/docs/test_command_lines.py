"""Every command line that the documentation names exists: its verb, its options, its arguments."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from edge.cli import build

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

COMMAND = re.compile(r"(?:^(?: {4}|\$ )|`)sonoedge (?P<rest>[^`\n]*)", re.MULTILINE)
DEMO_ARGS = re.compile(r'DEMO_ARGS="(?P<rest>[^"]*)"')
LINK = re.compile(r"\]\((?P<target>[^)#:\s]+)(?:#[^)]*)?\)")


def command_lines() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text()
        found += [(page.name, _bare(match["rest"])) for match in COMMAND.finditer(text)]
        found += [(page.name, "demo " + match["rest"]) for match in DEMO_ARGS.finditer(text)]
    return found


def _bare(line: str) -> str:
    """Without what the shell would take: a comment, a redirection."""
    return re.sub(r"[#>].*", "", line).strip()


def test_the_documentation_shows_the_verbs() -> None:
    assert {line.split()[0] for _, line in command_lines()} >= {"run", "demo", "infer", "doctor", "probe", "bench"}


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_a_command_line_parses(page: str, line: str) -> None:
    words = shlex.split(line)
    command = typer.main.get_command(build(words[0]))
    while hasattr(command, "commands"):
        assert words, f"{page}: 'sonoedge {line}' stops before its verb"
        assert words[0] in command.commands, f"{page}: 'sonoedge {line}' has no verb {words[0]}"
        command = command.commands[words.pop(0)]
    context = command.context_class(command, info_name=command.name)
    _, left, _ = command.make_parser(context).parse_args(words)
    assert not left, f"{page}: 'sonoedge {line}' has too many words"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(page.read_text()):
        assert (page.parent / match["target"]).exists(), f"{page.name} links to {match['target']}"
