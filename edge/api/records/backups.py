"""Backups of the records: list them, and make a new one now."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from edge.api.who import Who
from edge.records.backup.description import Backup
from edge.services.records_keeper import RecordsKeeper


class BackupsView(Protocol):
    """The parts of the appliance that these routes use."""

    @property
    def records(self) -> RecordsKeeper: ...


class BackupOut(BaseModel):
    """The records at the time `at`, with `entries` entries in the audit trail."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "folder": "/var/lib/sonoedge/backups",
                "file": "records-20261125T095349Z.sqlite",
                "at": "2026-11-25T09:53:49Z",
                "entries": 120,
                "bytes": 245760,
                "sha256": "63447e70eb6710b1086a30c66a8ffa60f79536115073f32a1084e4de58dca89c",
            }
        }
    )

    folder: str
    file: str
    at: datetime
    entries: int
    bytes: int
    sha256: str


class BackupsOut(BaseModel):
    """The backups of every folder, newest first."""

    backups: list[BackupOut]


def add_routes(routes: APIRouter, view: BackupsView) -> None:
    @routes.get("/backups", summary="All backups")
    def backups(who: Who) -> BackupsOut:
        return BackupsOut(backups=[_out(folder, backup) for folder, backup in view.records.backups(who)])

    @routes.post(
        "/backups", status_code=201, summary="Back up the records now, on every disk in the settings; answers after all are checked"
    )
    def back_up(who: Who) -> BackupsOut:
        return BackupsOut(backups=[_out(made.folder, made.backup) for made in view.records.back_up(who)])


def _out(folder: Path, backup: Backup) -> BackupOut:
    return BackupOut(folder=str(folder), file=backup.file, at=backup.at, entries=backup.seq, bytes=backup.bytes, sha256=backup.sha256)
