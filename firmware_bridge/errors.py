"""The exception family: every error states what is wrong, where, and the next step.

A caller that can show only one line shows `str(error)`. A caller that can show more
(the API's problem+json, the page) uses `what`, `fix` and `code`.

    SonoEdgeError
        InputRefused    422  what was given cannot be used
        NotFound        404  nothing has this name
        Conflict        409  it does not fit what there is now
        Denied          403  the person is not allowed to do it
        Damaged         500  a file or part of the appliance itself cannot be used
        Unavailable     503  not now; later it may work
        DiskRefuses     507  the disk is full or refuses to write
        PeerFault       502  the other end does not answer as it should
            BridgeError      everything between the probe's bytes and a frame

A new error names the family that it belongs to, and states `status` only where its HTTP status is another one.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import ClassVar

from firmware_bridge.says import Says, sent

REFUSED = 2
"""Exit status of a command that refuses; one line on stderr states why and what to do next."""


class SonoEdgeError(Exception):
    """Base of every error that a person can see.

    `what` names the fault and its place, `fix` the next step; both are sentences without the final full stop.
    They are templates of the `values`, if there are any. `says` is what a page translates: see `firmware_bridge.says`.
    `code` is a stable slug for machines, one a class. `status` answers a request over HTTP, `exit_status` ends a command. The same request
    may succeed after `again_s` seconds; 0 where nobody knows.
    A family has no code and is never raised.
    """

    code: ClassVar[str]
    status: ClassVar[HTTPStatus]
    exit_status: ClassVar[int]
    again_s: ClassVar[int] = 0
    says_code: ClassVar[str] = ""

    def __init__(self, what: str, fix: str, *, says: str = "", **values: str | float) -> None:
        self.what, self.fix = (text.format(**values) if values else text for text in (what, fix))
        super().__init__(f"{self.what}. {self.fix}.")
        code = says or self.says_code
        self.says = Says(code, sent(f"{what} {fix}", values) if values else {}) if code else None

    def __reduce__(self) -> "tuple[Callable[..., SonoEdgeError], tuple[object, ...]]":
        """An error crosses from one process to another as it is, whatever its class was made from."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[SonoEdgeError], args: tuple[object, ...], state: dict[str, object]) -> SonoEdgeError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InputRefused(SonoEdgeError):
    """What was given, as text, number or file, cannot be used."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    exit_status = REFUSED


class NotFound(SonoEdgeError):
    """Nothing has this name."""

    status = HTTPStatus.NOT_FOUND
    exit_status = REFUSED


class Conflict(SonoEdgeError):
    """The request does not fit what there is now."""

    status = HTTPStatus.CONFLICT
    exit_status = REFUSED


class Denied(SonoEdgeError):
    """The person is not allowed to do this."""

    status = HTTPStatus.FORBIDDEN
    exit_status = REFUSED


class Damaged(SonoEdgeError):
    """A file or a part of the appliance itself cannot be used; somebody has to repair it."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    exit_status = REFUSED


class Unavailable(SonoEdgeError):
    """Not now; later it may work."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    exit_status = REFUSED


class DiskRefuses(SonoEdgeError):
    """The disk is full, or refuses to write."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    exit_status = REFUSED


class PeerFault(SonoEdgeError):
    """The other end of a connection does not answer as it should."""

    status = HTTPStatus.BAD_GATEWAY
    exit_status = REFUSED


class BridgeError(PeerFault):
    """Anything that goes wrong between the probe's bytes and a frame."""

    code = "bridge"


class SourceFault(BridgeError):
    """No source is set, or it failed in a way that no other error names."""

    code = "error"
    says_code = "source_fault"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class SourceUnknown(BridgeError):
    """The URL names no known kind of source, or has unknown options."""

    code = "source-unknown"
    says_code = "source_unknown"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SourceAbsent(BridgeError):
    """The port, file or folder does not exist."""

    code = "source-absent"
    says_code = "source_absent"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class SourceBusy(BridgeError):
    """Another process holds the port."""

    code = "source-busy"
    says_code = "source_busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class SourceDenied(BridgeError):
    """The system refuses to open the port or file."""

    code = "source-denied"
    says_code = "source_denied"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class SourceUnreadable(BridgeError):
    """The file exists, but holds no readable frames."""

    code = "source-unreadable"
    says_code = "source_unreadable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotUltrasound(SourceUnreadable):
    """The file holds an image of another kind, such as CT or MR."""

    code = "not-ultrasound"
    says_code = "source_not_ultrasound"


class SourceLost(BridgeError):
    """The source was open and was lost: cable, power, or silence."""

    code = "source-lost"
    says_code = "source_lost"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class ProbeUnplugged(SourceLost):
    """The line hung up: cable, power or hub."""

    code = "probe-unplugged"
    says_code = "probe_unplugged"


class ProbeSilent(SourceLost):
    """The line is open, but no bytes arrive."""

    code = "probe-silent"
    says_code = "probe_silent"
    status = HTTPStatus.GATEWAY_TIMEOUT


class ProbeGarbled(SourceLost):
    """Bytes arrive, but no valid message: a bad cable, or the wrong baud rate."""

    code = "probe-garbled"
    says_code = "probe_garbled"
    status = HTTPStatus.BAD_GATEWAY


class LinkError(BridgeError):
    """The peer breaks the protocol."""

    code = "link"
    says_code = "link_broken"


class VersionMismatch(LinkError):
    """The probe uses another version of SonoLink."""

    code = "version-mismatch"
    says_code = "version_mismatch"


class MalformedMessage(LinkError):
    """A message whose checksum is right and whose payload breaks the specification."""

    code = "malformed-message"
    says_code = "malformed_message"


class NotAProbe(LinkError):
    """The device does not answer as a probe does."""

    code = "not-a-probe"
    says_code = "not_a_probe"


class ProbeDamaged(LinkError):
    """Frames arrive, and each of them is damaged."""

    code = "probe-damaged"
    says_code = "probe_damaged"


class NoChecksum(LinkError):
    """The peer sends messages without a checksum: damage cannot be noticed."""

    code = "no-checksum"
    says_code = "no_checksum"


class ProbeFlooding(LinkError):
    """More frames than any probe can image: the surplus is counted and dropped."""

    code = "probe-flooding"
    says_code = "probe_flooding"


class OtherProbe(LinkError):
    """Another probe answers than before."""

    code = "other-probe"
    says_code = "other_probe"
    status = HTTPStatus.CONFLICT


class SettingsRefused(LinkError):
    """The probe is not set as it was before: it was asked, and is set otherwise or does not answer."""

    code = "settings-refused"
    says_code = "settings_refused"


class SeveralProbes(BridgeError):
    """No port is named, and there is more than one candidate."""

    code = "several-probes"
    says_code = "several_probes"
    status = HTTPStatus.CONFLICT
