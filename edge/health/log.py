"""One log for our messages and those of the libraries, on stderr: plain text on a terminal, and one JSON object per line elsewhere."""

import logging
import sys

import structlog
from structlog.typing import Processor

from edge.health.seldom import Seldom
from edge.services.log import LEVELS, LOG

COMMON: tuple[Processor, ...] = (structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level)
FOR_PEOPLE, FOR_PROGRAMS = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False), structlog.processors.TimeStamper(fmt="iso")
"""The time of day on a person's clock; the whole time in UTC."""

OURS = ("edge", "firmware_bridge", "models", "provisioning", "__main__")
"""Only these log below a warning: what a library does in good order helps nobody who reads our log."""


def set_up_log(level: str) -> None:
    """Our messages at `level` (debug, info, warning or error) or above go to stderr, those of libraries from a warning on."""
    for_people = sys.stderr.isatty()
    # Plain: a traceback with local variables takes seconds to draw in the thread that failed, and can show a patient's data.
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, pad_event_to=0, sort_keys=False)
    render: Processor = people if for_people else structlog.processors.JSONRenderer()
    finish: tuple[Processor, ...] = () if for_people else (structlog.processors.format_exc_info,)
    shared: tuple[Processor, ...] = (*COMMON, FOR_PEOPLE if for_people else FOR_PROGRAMS)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish, render]
        )
    )
    handler.addFilter(Seldom(OURS))
    handler.addFilter(LOG.note)
    lowest = LEVELS[level]
    logging.basicConfig(handlers=[handler], level=max(lowest, logging.WARNING), force=True)
    for ours in OURS:
        logging.getLogger(ours).setLevel(lowest)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
