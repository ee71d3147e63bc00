"""One log for our messages and those of the libraries, on stderr: plain text on a terminal, and one JSON object per line elsewhere."""

import logging
import sys

import structlog
from structlog.typing import Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
)

QUIET = ("asyncio", "websockets", "PIL", "pydicom", "uvicorn")
"""Libraries whose messages below a warning are of no use here."""


def set_up_log(level: str) -> None:
    """Everything at `level` (debug, info, warning or error) or above goes to stderr."""
    for_people = sys.stderr.isatty()
    # Plain: a traceback with local variables takes seconds to draw in the thread that failed, and can show a patient's data.
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    render: Processor = people if for_people else structlog.processors.JSONRenderer()
    finish: tuple[Processor, ...] = () if for_people else (structlog.processors.format_exc_info,)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish, render]
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
