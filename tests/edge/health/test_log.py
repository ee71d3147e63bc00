"""Without a terminal, each line of the log is one JSON object, for our messages and those of the libraries."""

import json
import os
import pty
import re
import subprocess
import sys

PROGRAM = """
import logging, structlog
from edge.health.log import set_up_log
set_up_log("info")
structlog.get_logger().info("ready", port=1)
for _ in range(1000):
    logging.getLogger("uvicorn.error").warning("slow %s", "client")
logging.getLogger("alembic.runtime.migration").info("Running upgrade")
logging.getLogger("any.library").info("set up")
structlog.get_logger().debug("unseen")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("failed")
"""


def test_lines_are_json_on_stderr_and_neither_what_is_below_the_level_nor_a_librarys_repeated_message_is_logged():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.stdout == ""
    assert [(line["event"], line["level"]) for line in lines] == [("ready", "info"), ("slow client", "warning"), ("failed", "error")]
    assert lines[0]["port"] == 1
    assert "ZeroDivisionError" in lines[2]["exception"]


def test_a_terminal_shows_a_persons_log():
    shown, terminal = pty.openpty()
    done = subprocess.run([sys.executable, "-c", PROGRAM], stderr=terminal, check=True)
    os.close(terminal)
    text = re.sub(r"\x1b\[[0-9;]*m", "", os.read(shown, 100_000).decode())
    os.close(shown)
    first, second, *_ = text.splitlines()
    assert done.returncode == 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[info +\] ready +port=1", first.strip())
    assert "slow client" in second
