"""What a person asks for on the page, and what came of it.

The appliance is not allowed to change its own program. It leaves a request in its data folder; systemd then starts
`sonoedge provision requested` as root, which trusts nothing in it but one word, and leaves an answer next to the slots.
"""

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.disk.durable import replace_file
from edge.disk.plain_file import read_plain

MOST_BYTES = 20_000
READABLE = 0o644

Form = TypeVar("Form", bound=BaseModel)


class Wish(str, Enum):
    """All that the page can ask for."""

    CHECK = "check"
    APPLY = "apply"
    ROLLBACK = "rollback"
    RESTART = "restart"


class Request(BaseModel):
    """`by` is the name of the person; `at` has a time zone."""

    model_config = ConfigDict(frozen=True)

    wish: Wish
    by: str = Field(max_length=200)
    at: AwareDatetime


class Answer(BaseModel):
    """What came of a request: `code` is empty while it goes on, `text` is what is being done or what came of it, `lines` the details."""

    model_config = ConfigDict(frozen=True)

    wish: Wish
    by: str
    at: AwareDatetime
    code: str = ""
    text: str = Field(max_length=2000)
    next_step: str = ""
    lines: tuple[str, ...] = ()


def leave(path: Path, content: Request | Answer) -> None:
    """Raises OSError: the disk refuses it."""
    replace_file(path, content.model_dump_json().encode(), READABLE)


def read(path: Path, form: type[Form]) -> Form | None:
    """A request or an answer; None where there is none that can be read."""
    try:
        return form.model_validate_json(read_plain(path, MOST_BYTES))
    except (OSError, ValidationError, ValueError):
        return None


def answered(request: Request, text: str, at: datetime, *, code: str = "", next_step: str = "", lines: tuple[str, ...] = ()) -> Answer:
    """An answer to a request."""
    return Answer(wish=request.wish, by=request.by, at=at, code=code, text=text[:2000], next_step=next_step, lines=lines)
