"""The newest lines of the log: by level, in order, short, and without a secret."""

import logging

import pytest
import structlog

from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, NotAllowed
from edge.services.log import LONGEST_TEXT, MOST, LogService

WHO = UNCLAIMED_ACTOR


@pytest.fixture
def log():
    """A log of its own, as the appliance sets up that of its process, and its newest lines."""
    service, logger = LogService(), logging.Logger("edge.test")
    logger.addFilter(service.note)
    processors = [structlog.stdlib.add_log_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    return structlog.wrap_logger(logger, processors, wrapper_class=structlog.stdlib.BoundLogger), service


def texts(service, *what):
    return [line.text for line in service.lines(WHO, *what)]


def test_a_line_has_its_message_values_level_and_source(log):
    logger, service = log
    logger.warning("disk slow", ms=120, folder="data")
    (line,) = service.lines(WHO)
    assert (line.number, line.level, line.source, line.text) == (1, "warning", "edge.test", "disk slow ms=120 folder=data")


def test_a_line_of_a_library_is_shown_with_its_values(log):
    _, service = log
    service.note(logging.LogRecord("any.library", logging.ERROR, "", 0, "slow %s", ("client",), None))
    assert texts(service) == ["slow client"]


def test_lines_are_chosen_by_level_and_by_what_was_read_before(log):
    logger, service = log
    for level in ("info", "warning", "error", "critical"):
        getattr(logger, level)(level)
    assert texts(service, "warning") == ["warning", "error", "critical"]
    assert texts(service, "error", 3) == ["critical"]
    assert texts(service, "debug", 4) == []


def test_an_exception_is_named_without_its_traceback(log):
    logger, service = log
    try:
        int("x")
    except ValueError as error:
        logger.exception("failed")
        logger.warning("failed", exc_info=error)
    assert texts(service) == ["failed (ValueError: invalid literal for int() with base 10: 'x')"] * 2


def test_a_one_time_code_is_only_in_the_log_itself(log):
    logger, service = log
    logger.warning("claim it with this code", code="K7QH-2MPA-XW3T")
    assert texts(service) == ["claim it with this code code=(hidden)"]


def test_only_the_newest_lines_stay_and_a_long_one_is_cut(log):
    logger, service = log
    for number in range(MOST + 5):
        logger.info("x" * 5000, number=number)
    lines = service.lines(WHO)
    assert (lines[0].number, lines[-1].number, len(lines)) == (6, MOST + 5, MOST)
    assert len(lines[0].text) == LONGEST_TEXT


def test_who_is_not_allowed_to_serve_reads_no_log(log):
    with pytest.raises(NotAllowed):
        log[1].lines(NOBODY_ACTOR)
