"""Provenance: which model stated what, which person decided what, and who is responsible for the report."""

from collections.abc import Iterable
from datetime import datetime

from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.fhir.actors import Actors
from edge.exchange.fhir.elements import Json, Resource, at, concept, id_of
from edge.exchange.fhir.observations import Observed
from edge.exchange.handed import HandedExam
from edge.exchange.stated import issue_of


class Provenances:
    """Makes those of one report; an amended report adds its own, and replaces none."""

    def __init__(self, exam: HandedExam, actors: Actors, study: Resource | None) -> None:
        self._exam, self._actors, self._study = exam, actors, study

    def of_models(self, observed: Iterable[Observed]) -> tuple[Resource, ...]:
        """One for each model release: what it stated, with the images and the model card behind it."""
        made: dict[str, list[Resource]] = {}
        for release, model in (each for zone in observed for each in zone.by_model):
            made.setdefault(release, []).append(model)
        return tuple(self._of_model(release, targets) for release, targets in made.items() if release in self._actors.models)

    def of_persons(self, observed: Iterable[Observed]) -> tuple[Resource, ...]:
        """One for each person who decided on answers of a model."""
        made: dict[str, list[Resource]] = {}
        for person, decision in (each for zone in observed for each in zone.decided):
            made.setdefault(person, []).append(decision)
        return tuple(self._of_person(person, targets) for person, targets in made.items() if person in self._actors.persons)

    def of_report(self, report: Resource) -> Resource:
        """Who signed the report, and the appliance that put it together."""
        signer = self._exam.report.signed_by
        agents: list[Json] = [_agent(codes.ASSEMBLER, self._actors.appliance)]
        if signer:
            agents.insert(0, _agent(codes.ATTESTER, self._actors.persons[signer]))
        recorded = self._exam.report.signed_at or self._exam.report.made_at
        return self._made([report], recorded, {"agent": agents}, "report")

    def _of_model(self, release: str, targets: list[Resource]) -> Resource:
        card = self._actors.cards.get(release)
        sources: list[Json] = [{"role": "source", "what": self._study.reference}] if self._study else []
        cards: list[Json] = [{"role": "derivation", "what": card.reference}] if card else []
        author: Json = {**_agent(codes.AUTHOR, self._actors.models[release]), "role": [concept(codes.AI_DEVICE)]}
        content: Json = {"reason": [concept(codes.AI_ASSERTED)], "agent": [author, _agent(codes.ASSEMBLER, self._actors.appliance)]}
        if entities := [*sources, *cards]:
            content["entity"] = entities
        answered_at = max(finding.said_at for zone in self._exam.zones for finding in zone.findings if finding.release == release)
        return self._made(targets, answered_at, content, "model", release)

    def _of_person(self, person: str, targets: list[Resource]) -> Resource:
        every = (finding for zone in self._exam.report.zones for finding in zone.findings)
        decided = [finding.decided_at for finding in every if finding.decided_by == person and finding.decided_at]
        agent = _agent(codes.VERIFIER, self._actors.persons[person])
        return self._made(targets, max(decided, default=self._exam.report.made_at), {"agent": [agent]}, "person", person)

    def _made(self, targets: list[Resource], recorded: datetime, content: Json, *parts: str) -> Resource:
        ident = id_of("Provenance", self._exam.exam.id, issue_of(self._exam.report), *parts)
        return Resource("Provenance", ident, {"target": [each.reference for each in targets], "recorded": at(recorded), **content})


def _agent(role: Code, who: Resource) -> Json:
    return {"type": concept(role), "who": who.reference}
