"""Reads the statistics of a site from what a person has of it: its data folder, a backup, or the file that it wrote.

Of a data folder or a backup the records are read, and no recording: images are not opened.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.disk.durable import OWNER, make_folder, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.exam.protocol.file import load_catalogue
from edge.feedback.performance.collect import Collected
from edge.feedback.performance.compute import collected_of
from edge.feedback.sites.errors import SiteUnusable, StatisticsNotWritten
from edge.feedback.sites.statistics import METHOD, SiteStatistics, statistics_of
from edge.records.other import other_records
from firmware_bridge.errors import SonoEdgeError

MOST_BYTES = 4_000_000
ASK_AGAIN = "Let that site write it again: sonoedge feedback figures --export FILE"


@dataclass(frozen=True, slots=True)
class SiteAt:
    """A site, by the path that a person gave."""

    path: Path

    def unread(self, code: str, problem: str) -> "SiteProblem":
        """Its result where it has failed."""
        return SiteProblem(str(self.path), code, problem)


@dataclass(frozen=True, slots=True)
class SiteProblem:
    """Why a site has no statistics: `code` for programs, `problem` for people."""

    site: str
    code: str
    problem: str


def read_site(at: SiteAt) -> SiteStatistics | SiteProblem:
    """The statistics of a site, in any process. Any error becomes the result of this site, and does not stop the others."""
    try:
        return _read(at.path)
    except SonoEdgeError as error:
        return at.unread(error.code, str(error))
    except Exception as error:
        return at.unread("failed", f"{type(error).__name__}: {error}")


def write_statistics(statistics: SiteStatistics, path: Path) -> None:
    """Writes the file that leaves a site; only its owner is allowed to read it, because it has small counts.

    Raises:
        StatisticsNotWritten: the disk refuses it.
    """
    try:
        make_folder(path.resolve().parent)
        replace_file(path, statistics.model_dump_json(indent=1).encode() + b"\n", OWNER)
    except OSError as error:
        raise StatisticsNotWritten(f"{path} cannot be written ({error.strerror})", "Free some room, or name another file") from error


def _read(path: Path) -> SiteStatistics:
    if path.is_file():
        return _of_file(path)
    if not path.is_dir():
        raise SiteUnusable(f"{path} does not exist", "Name a data folder, a folder of backups, or a file of statistics")
    with other_records(path) as records:
        steps = collected_of(records.store, load_catalogue(DataFolder(path).protocols))
        (found,) = (each for each in steps if isinstance(each, Collected))
        return statistics_of(found, records.key, records.store.now())


def _of_file(path: Path) -> SiteStatistics:
    try:
        found = SiteStatistics.model_validate_json(read_plain(path, MOST_BYTES, links=True))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        what = f"{path} is no file of statistics ({'.'.join(map(str, fault['loc']))}: {fault['msg']})"
        raise SiteUnusable(what, ASK_AGAIN) from error
    except OSError as error:
        raise SiteUnusable(f"{path} cannot be read ({error.strerror or error})", "Give this user the right to read it") from error
    if found.method != METHOD:
        fix = "Use the same version of the program at each site, and let it write the file again"
        raise SiteUnusable(f"{path} was counted by method {found.method}, and this program uses {METHOD}", fix)
    return found
