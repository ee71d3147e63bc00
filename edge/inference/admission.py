"""Admission: all checks that a release must pass before it is allowed to read a patient's frames."""

from pathlib import Path

from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import TASK, ModelRelease


def admit(folder: Path, threads: int, runtime: str | None = None, *, task: str = TASK) -> Reader:
    """Loads a release, checks all of it, and warms it up; may run in any thread.

    Raises:
        ModelUnusable: the release is for another task, is damaged, has parts that do not fit together, or computes other numbers here
            than where it was evaluated.
        RuntimeAbsent: no inference runtime is installed.
    """
    release = ModelRelease.load(folder)
    if release.task != task:
        raise ModelUnusable(f"{release.ident} is for the task {release.task!r}, not {task!r}", f"Choose a release for {task}")
    reader = Reader.load(release, threads, runtime)
    try:
        release.golden.check(reader.interpreter)
        reader.warm_up()
    except (RuntimeError, ValueError) as error:  # the runtime's error for a network that loads and cannot be run
        raise ModelUnusable(f"{release.path} cannot be run: {str(error).splitlines()[0]}", COPY_AGAIN) from error
    return reader
