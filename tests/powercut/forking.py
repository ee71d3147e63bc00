"""Forks a child for each line on stdin; the child works until it is killed. A hundred imports of the program would take longer."""

import os
import sys

ANSWERS = os.dup(1)
os.dup2(2, 1)
"""Log output must not mix with the answers."""


def serve(work):
    """`work` receives the line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(ANSWERS, f"{os.getpid()}\n".encode())
            work(line)
        os.waitpid(child, 0)
        os.write(ANSWERS, b"ended\n")
