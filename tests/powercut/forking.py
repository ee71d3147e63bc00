"""For each line on stdin a child is forked that works until it is killed: importing the program a hundred times would take longer."""

import os
import sys

ANSWERS = os.dup(1)
os.dup2(2, 1)
"""What is logged must not stand between the answers."""


def serve(work):
    """`work` is given the line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(ANSWERS, f"{os.getpid()}\n".encode())
            work(line)
        os.waitpid(child, 0)
        os.write(ANSWERS, b"ended\n")
