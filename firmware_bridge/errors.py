"""The exception family: every error states what is wrong, where, and the next step.

A caller that can show only one line shows `str(error)`. A caller that can show more
(the API's problem+json, the page) uses `what`, `fix` and `code`.
"""

from typing import ClassVar


class SonoEdgeError(Exception):
    """Base of every error that a person can see.

    `what` names the fault and its place, `fix` the next step; both are sentences without the final full stop.
    `code` is a stable slug for machines; each class has its own.
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}. {fix}.")
        self.what = what
        self.fix = fix


class BridgeError(SonoEdgeError):
    """Any fault between the probe's bytes and a frame."""

    code = "bridge"


class SourceUnknown(BridgeError):
    """The URL names no known kind of source, or has unknown options."""

    code = "source-unknown"


class SourceAbsent(BridgeError):
    """The port, file or folder does not exist."""

    code = "source-absent"


class SourceBusy(BridgeError):
    """Another process holds the port."""

    code = "source-busy"


class SourceDenied(BridgeError):
    """The system refuses to open the port or file."""

    code = "source-denied"


class SourceUnreadable(BridgeError):
    """The file exists, but holds no readable frames."""

    code = "source-unreadable"


class NotUltrasound(SourceUnreadable):
    """The file holds an image of another kind, such as CT or MR."""

    code = "not-ultrasound"


class SourceLost(BridgeError):
    """The source was open and was lost: cable, power, or silence."""

    code = "source-lost"


class ProbeUnplugged(SourceLost):
    """The line hung up: cable, power or hub."""

    code = "probe-unplugged"


class ProbeSilent(SourceLost):
    """The line is open, but no bytes arrive."""

    code = "probe-silent"


class ProbeGarbled(SourceLost):
    """Bytes arrive, but no valid message: a bad cable, or the wrong baud rate."""

    code = "probe-garbled"


class LinkError(BridgeError):
    """The peer breaks the protocol."""

    code = "link"


class VersionMismatch(LinkError):
    """The probe uses another version of SonoLink."""

    code = "version-mismatch"


class MalformedMessage(LinkError):
    """A message whose checksum is right and whose payload breaks the specification."""

    code = "malformed-message"


class NotAProbe(LinkError):
    """The device does not answer as a probe does."""

    code = "not-a-probe"


class ProbeFlooding(LinkError):
    """More frames than any probe can image: the surplus is counted and dropped."""

    code = "probe-flooding"


class OtherProbe(LinkError):
    """Another probe answers than before."""

    code = "other-probe"


class SeveralProbes(BridgeError):
    """No port is named, and there is more than one candidate."""

    code = "several-probes"
