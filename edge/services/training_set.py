"""The training set: the labelled exams of this site, without their patients, for a person who trains a network with them."""

import uuid
from collections.abc import Callable
from pathlib import Path

from edge.exam.stored import StoredExams
from edge.exchange.training_set.collect import collected
from edge.exchange.training_set.errors import LicenceMissing
from edge.exchange.training_set.made import Made, Progress
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.audit.entry import Detail

EXPORTED = "training-set.exported"


class TrainingSetService:
    """For the shell; it waits for the disk."""

    def __init__(self, stored: StoredExams, key: Callable[[], bytes]) -> None:
        """`key` gives the secret of the site for pseudonyms."""
        self._stored, self._key = stored, key

    def export(self, actor: Actor, folder: Path, licence: str, progress: Progress) -> Made:
        """Writes the labelled clips of the exams that the actor is allowed to export as a new folder.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
            LicenceMissing: the licence is empty.
            TrainingSetThere, TrainingSetEmpty, TrainingSetNotWritten: see `write_set`.
            SiteKeyUnusable: the key is damaged.
            RecordsFull, RecordsUnusable: the records cannot be read, or the export cannot be recorded; then there is none.
        """
        actor.require(Verb.EXPORT)
        if not (stated := " ".join(licence.split())):
            raise LicenceMissing("A training set needs a licence: who may use it, and for what", "State it with --licence")
        from edge.exchange.training_set.writing import Asked, write_set  # noqa: PLC0415 - heavy, and wanted here only

        found = collected(self._stored, lambda protocol: actor.permission(Verb.EXPORT, protocol) is not Permission.DENY)
        asked = Asked(folder.resolve(), str(uuid.uuid4()), stated, self._key())  # an id of the records tells the time
        return write_set(asked, found, progress, lambda made: self._log(actor, made))

    def _log(self, actor: Actor, made: Made) -> None:
        of = made.described
        detail: Detail = {
            "clips": len(of.rows),
            "patients": of.patients,
            "exams": list(made.exams),
            "licence": of.licence,
            "manifest_sha256": made.manifest_sha256,
        }
        with self._stored.store.write() as change:
            change.log(actor.name, EXPORTED, f"training-set/{of.ident}", detail)
