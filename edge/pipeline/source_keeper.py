"""The keeper of the appliance's source: opens it, feeds its frames to the pipeline, and opens it again when it is lost.

People pull a probe's cable many times a day. So a lost probe is a state that the page shows, never the end of the appliance.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import fields

import structlog

from edge.pipeline.loop import Pipeline
from edge.pipeline.source_state import SourceState, SourceStatus
from firmware_bridge.errors import (
    BridgeError,
    OtherProbe,
    ProbeSilent,
    ProbeUnplugged,
    SettingsRefused,
    SonoEdgeError,
    SourceAbsent,
    SourceFault,
    SourceUnknown,
    SourceUnreadable,
)
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Source, SourceInfo
from firmware_bridge.sources.node import NodeWatch
from firmware_bridge.sources.url import open_source, parse_url

BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 5.0)
"""Seconds to wait before each new try; the last value repeats until the source is back. A port that appears is tried at once."""

POLL_S = 0.01
"""How often `run` checks whether it can start."""

STEADY_FRAMES = 1
"""A source that gave this many frames has worked: after its next loss, the waits start from the first again."""

HOPELESS = (SourceUnknown, SourceUnreadable)
"""Faults of the URL or of the recording, which a person must correct; the keeper still tries again."""

BY_HAND = "Set it on the probe itself"

NONE_SET = SourceFault(
    "No source is set", "Give one with --source or in the settings file, such as source = 'serial:///dev/ttyACM0'", says="source_not_set"
)

Opener = Callable[[str, Machine | None], Source]

log = structlog.get_logger()


class SourceKeeper:
    """Owns the source. One thread at a time calls `open` and `run`; any thread can call `status`, `apply` and `close`."""

    def __init__(
        self,
        url: str,
        pipeline: Pipeline,
        report: Callable[[Mapping[str, object]], None] = lambda _: None,
        ready: threading.Event | None = None,
        machine: Machine | None = None,
        *,
        opener: Opener | None = None,
    ) -> None:
        """`report` receives an event when the source is opened, lost or ended. `run` waits until `ready` is set, if it is given.

        `machine` is the one that the site states. `opener` opens the source in place of `open_source`.
        """
        self._machine, self._opener = machine, opener
        self._ready = ready
        self._report = report
        self._url = url
        self._pipeline = pipeline
        self._source: Source | None = None
        self._wished = AcquisitionSettings()
        self._closed = threading.Event()
        self._state = SourceState.OPENING if url else SourceState.FAILED
        self._error: SonoEdgeError | None = None if url else NONE_SET
        self._other: OtherProbe | None = None
        self._refused: SettingsRefused | None = None

    def status(self) -> SourceStatus:
        source = self._source
        error = self._error or self._notice(source)
        return SourceStatus(
            state=self._state,
            url=self._url,
            info=source.info if source else None,
            losses=source.losses if source else (),
            reason=error.code if error else "",
            problem=error.what if error else "",
            fix=error.fix if error else "",
            says=error.says if error else None,
        )

    def _notice(self, source: Source | None) -> SonoEdgeError | None:
        if source is None or self._state is not SourceState.STREAMING:
            return None
        return source.notice or self._other or self._refused

    def check(self) -> None:
        """Checks the URL only.

        Raises:
            SourceUnknown: the URL names no known kind of source.
        """
        if self._url:
            parse_url(self._url)

    def open(self, opening: Callable[[], Source] | None = None) -> None:
        """Opens the source, if there is one, and restores its settings. `opening` gives the source where its opening has begun before.

        Raises:
            BridgeError: the source cannot be opened.
        """
        if not self._url:
            return
        source = opening() if opening else (self._opener or open_source)(self._url, self._machine)
        self._recognise(source.info)
        self._source = source
        info = source.info
        self._report({"event": "opened", "url": self._url, "serial_number": info.serial_number, "machine": info.machine.name})
        if self._closed.is_set():  # closed while it was being opened
            source.close()
        elif self._wished != AcquisitionSettings():
            self._restore(source)
        self._state, self._error = SourceState.STREAMING, None

    def _recognise(self, info: SourceInfo) -> None:
        before = self._source.info if self._source is not None else None
        if before is not None and _is_other(info, before):
            what = f"a different probe is plugged in ({_called(info)}; the previous one: {_called(before)})"
            self._other = OtherProbe(what, "Check that it is the right probe")
            log.warning("another probe", problem=self._other.what)

    def _restore(self, source: Source) -> None:
        """Restores the settings of a probe that has come back. If it refuses, its frames are still read, and the status states it."""
        self._refused = None
        try:
            unmet = _unmet(self._wished, source.apply(self._wished))
            if unmet:
                self._refused = SettingsRefused(f"the probe does not have its previous settings: {unmet}", BY_HAND)
        except ProbeSilent:
            self._refused = SettingsRefused("the probe did not answer when its previous settings were sent", BY_HAND)
        except BaseException:
            source.close()
            raise
        if self._refused is not None:
            log.warning("probe not set", problem=self._refused.what)

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sends settings to the source and returns its new settings. A probe that comes back after a loss gets them again.

        Raises:
            BridgeError: there is no source now, or it does not answer.
        """
        self._wished = self._wished.changed_by(settings)
        source = self._source
        if source is None or self._state is not SourceState.STREAMING:
            raise ProbeSilent("no probe is connected now", "The probe gets these settings when it is back")
        got = source.apply(settings)
        if not _unmet(self._wished, got):
            self._refused = None
        return got

    def run(self) -> None:
        """Feeds the pipeline until the recording ends or `close` is called."""
        while self._ready is not None and not self._ready.wait(POLL_S):  # until the model is warm, frames would only displace each other
            if self._closed.is_set():
                return
        tries = 0
        while self._goes_on():
            watch = NodeWatch(self._url)
            received = self._pipeline.received
            try:
                if self._state is not SourceState.STREAMING:
                    self.open()
                self._feed()
            except BridgeError as error:
                self._fail(SourceState.FAILED if isinstance(error, HOPELESS) else SourceState.LOST, error)
            except Exception as error:
                unexpected = SourceFault(f"The source failed unexpectedly ({error!r})", "Report this with the log")
                self._fail(SourceState.LOST, unexpected, error)
            tries = 0 if self._pipeline.received - received >= STEADY_FRAMES else tries + 1
            if self._goes_on() and watch.wait(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)], self._closed):
                tries = 0

    def _goes_on(self) -> bool:
        return bool(self._url) and self._state is not SourceState.ENDED and not self._closed.is_set()

    def close(self) -> None:
        """Ends `run` and the source; safe to call twice."""
        self._closed.set()
        if self._source is not None:
            self._source.close()

    def resume(self) -> None:
        """After a close, and after `run` has returned: the next `run` opens the source again, unless it is a recording that has ended."""
        self._closed.clear()
        if self._state is SourceState.STREAMING:
            self._state = SourceState.OPENING

    def _feed(self) -> None:
        assert self._source is not None
        try:
            with closing(self._source):
                self._pipeline.feed(self._source)
        except BaseException:
            self._state = SourceState.OPENING  # this source is closed now, and only a new one gives frames
            raise
        if self._closed.is_set():
            return
        self._state = SourceState.ENDED
        self._report({"event": "ended"})
        log.info("source ended", url=self._url)

    def _fail(self, state: SourceState, error: SonoEdgeError, trace: Exception | None = None) -> None:
        """Reports a state once, because a lost probe is tried for hours. An error after `close` is not a fault of the source."""
        if self._closed.is_set() or (isinstance(error, SourceAbsent) and isinstance(self._error, ProbeUnplugged)):
            return  # an unplugged probe stays "unplugged" while it is absent
        if (state, str(error)) != (self._state, str(self._error)):
            log.warning("source " + state.value, problem=error.what, fix=error.fix, exc_info=trace)
            self._report({"event": state.value, "reason": error.code, "problem": error.what})
        self._error, self._state = error, state


def _is_other(now: SourceInfo, before: SourceInfo) -> bool:
    """By serial number, and by machine where both are known: some sources name theirs only with the first image."""
    machines = now.machine, before.machine
    return now.serial_number != before.serial_number or (all(each.known for each in machines) and machines[0] != machines[1])


def _called(info: SourceInfo) -> str:
    return f"{info.machine.name}, {info.serial_number or 'no serial number'}"


def _unmet(wished: AcquisitionSettings, got: AcquisitionSettings) -> str:
    """The settings that differ from the wished ones, such as "depth_mm 120 instead of 90"; empty if none differs."""
    asked = ((field.name, getattr(wished, field.name), getattr(got, field.name)) for field in fields(wished))
    return ", ".join(
        f"{name} {'unknown' if now is None else now} instead of {then}" for name, then, now in asked if then not in {None, now}
    )
