"""The exception family: every error says what is wrong, where, and the next step.

A caller that can show only one line shows `str(error)`; a caller that can show more
(the API's problem+json, the page) uses `what`, `fix` and `code`.
"""

from typing import ClassVar


class SonoEdgeError(Exception):
    """Base of every error that a person may see.

    `what` names the fault and its place, `fix` the next step; both are sentences without the final full stop.
    `code` is a stable slug for machines, one a class.
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}. {fix}.")
        self.what = what
        self.fix = fix


class BridgeError(SonoEdgeError):
    """Anything that goes wrong between the probe's bytes and a frame."""

    code = "bridge"


class SourceUnknown(BridgeError):
    """The URL names no kind of source, or its options are not known."""

    code = "source-unknown"


class SourceAbsent(BridgeError):
    """The port, file or folder is not there."""

    code = "source-absent"


class SourceBusy(BridgeError):
    """Another process holds the port."""

    code = "source-busy"


class SourceDenied(BridgeError):
    """The system refuses to open the port or file."""

    code = "source-denied"


class SourceUnreadable(BridgeError):
    """The file is there, but holds no frames that can be read."""

    code = "source-unreadable"


class NotUltrasound(SourceUnreadable):
    """The file holds an image of another kind, such as CT or MR."""

    code = "not-ultrasound"


class SourceLost(BridgeError):
    """The source was open and is gone: cable, power, or silence."""

    code = "source-lost"


class ProbeUnplugged(SourceLost):
    """The line hung up: cable, power or hub."""

    code = "probe-unplugged"


class ProbeSilent(SourceLost):
    """The line is there, but nothing comes."""

    code = "probe-silent"


class ProbeGarbled(SourceLost):
    """Bytes come, but nothing that makes sense: a bad cable, or the wrong baud rate."""

    code = "probe-garbled"


class LinkError(BridgeError):
    """The peer speaks, but not as the protocol asks."""

    code = "link"


class VersionMismatch(LinkError):
    """The probe speaks another version of SonoLink."""

    code = "version-mismatch"


class MalformedMessage(LinkError):
    """A message with a good checksum whose payload breaks the specification."""

    code = "malformed-message"


class NotAProbe(LinkError):
    """What is there does not answer as a probe does."""

    code = "not-a-probe"


class ProbeFlooding(LinkError):
    """More frames than any probe images: those too many are counted and dropped."""

    code = "probe-flooding"


class OtherProbe(LinkError):
    """The probe that answers now is not the one that was there before."""

    code = "other-probe"


class SettingsRefused(LinkError):
    """The probe is not set as it was before: it was asked, and is set otherwise or does not answer."""

    code = "settings-refused"


class SeveralProbes(BridgeError):
    """No port is named, and more than one could be meant."""

    code = "several-probes"
