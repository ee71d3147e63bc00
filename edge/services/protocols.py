"""Protocols: what an exam can follow."""

from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Protocol
from edge.people.actor import Actor
from edge.people.permission import Verb


class ProtocolService:
    """Any thread may use it; nothing here waits. `NotAllowed` if the actor is not allowed to look at the appliance."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def all(self, actor: Actor) -> tuple[Protocol, ...]:
        """Every protocol that an exam can follow."""
        actor.require(Verb.LOOK)
        return self._catalogue.protocols

    def get(self, actor: Actor, protocol_id: str) -> Protocol:
        """One protocol.

        Raises:
            ProtocolUnknown: no protocol has this id.
        """
        actor.require(Verb.LOOK)
        return self._catalogue.named(protocol_id)
