"""The settings of the source: depth, gain and others, set by a person."""

from collections.abc import Callable

from edge.people.actor import Actor
from edge.people.permission import Verb
from firmware_bridge.frame import AcquisitionSettings

Apply = Callable[[AcquisitionSettings], AcquisitionSettings]


class SourceService:
    """Any thread may use it."""

    def __init__(self, apply: Apply) -> None:
        """`apply` sets the source and returns its new settings."""
        self._apply = apply

    def set(self, actor: Actor, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sets the source and returns its new settings; it can take seconds, so call it from a thread.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            BridgeError: there is no source, or it does not answer.
        """
        actor.require(Verb.SCAN)
        return self._apply(settings)
