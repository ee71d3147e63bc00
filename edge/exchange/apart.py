"""Runs work in a process of its own: what it imports and the memory that it takes end with it, and the live loop keeps its cores.

The child (`edge.exchange.apart_work`) reads the work with pickle from its standard input, and writes each result as soon as there is one.
It ends when its input does, so that it does not outlive the appliance.
"""

import pickle
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Generic, ParamSpec, TypeVar

from firmware_bridge.child import give_way, python, use_one_core
from firmware_bridge.errors import Unavailable

CHILD = "edge.exchange.apart_work"

P = ParamSpec("P")
T = TypeVar("T")


class ProcessEnded(Unavailable):
    """The process that did the work ended before the work did."""

    code = "process-ended"


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class End:
    """`error` is what the work raised; None where it is done."""

    error: Exception | None = None


def each_apart(work: Callable[P, Iterator[T]], *given: P.args, **named: P.kwargs) -> Generator[T, None, None]:
    """The results of `work`, a function of a module, one by one. Closing the iterator ends the process.

    Raises:
        ProcessEnded: the process ended by itself, such as one for which there was no memory.
        Exception: what the work raised.
    """
    with subprocess.Popen(python("-m", CHILD), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        give_way(child.pid)
        use_one_core(child.pid)
        try:
            child.stdin.write(pickle.dumps((work, given, named)))
            child.stdin.flush()
            answer: Result[T] | End = _answer(child.stdout)
            while isinstance(answer, Result):
                yield answer.value
                answer = _answer(child.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            what = f"The process for this work ended with status {child.wait()}"
            raise ProcessEnded(what, "Try again; if it always ends, restart the board, and report this with the log") from error
        finally:
            child.kill()
    if answer.error is not None:
        raise answer.error


def apart(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """The one result of `work`; see `each_apart`."""
    with closing(each_apart(_once, work, given, named)) as results:
        return next(results)


def _once(work: Callable[..., T], given: tuple[object, ...], named: dict[str, object]) -> Iterator[T]:
    yield work(*given, **named)


def _answer(answers: IO[bytes]) -> "Result[T] | End":
    answer: Result[T] | End = pickle.load(answers)  # noqa: S301 - our own child wrote it
    return answer
