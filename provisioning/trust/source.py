"""Where an update comes from: a stick, or a static mirror on the LAN. Both are hostile until a signature holds."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher

from edge.disk.plain_file import NotPlain, inside, open_plain
from provisioning.codes import ProvisionRefused

ON_STICK = "sonoedge"
METADATA, TARGETS = "metadata", "targets"
"""The folders of a published repository, on a stick in the folder `sonoedge`."""
CHUNK = 1 << 20
PULLED = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.ENOTCONN})
"""What reading a device that is gone gives; a bad block gives EIO, and so do some sticks that are gone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A published repository. `name` is how a person calls it; `cause` is the code if it does not give a file that it must have."""

    name: str
    fetcher: FetcherInterface
    metadata: str
    targets: str
    cause: str


def stick(mounted: Path) -> Source:
    """The stick that is mounted as this folder.

    Raises:
        ProvisionRefused: E-STICK-UNREADABLE, it holds no releases.
    """
    folder = mounted / ON_STICK
    if not (folder / METADATA).is_dir():
        raise ProvisionRefused("E-STICK-UNREADABLE", f"{mounted} has no folder {ON_STICK}/{METADATA}, so it holds no releases")
    return Source(str(mounted), _Folder(folder), METADATA, TARGETS, "E-STICK-UNREADABLE")


def mirror(url: str) -> Source:
    """The repository below this address (http or https), in the folders `metadata` and `targets`."""
    return web(f"{url.rstrip('/')}/{METADATA}", f"{url.rstrip('/')}/{TARGETS}")


def web(metadata: str, targets: str) -> Source:
    """A repository whose folders have these addresses."""
    return Source(metadata, _Web(), metadata, targets, "E-MIRROR")


class _Folder(FetcherInterface):
    """Reads files below one folder: regular ones only, and follows no link."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = inside(self._folder, *url.split("/"))
        if path is None:
            raise ProvisionRefused("E-TAMPER", f"{url} on the stick is a link, or its name leads out of its folder")
        try:
            with open_plain(path) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except NotPlain as error:
            raise ProvisionRefused("E-TAMPER", f"{url} on the stick cannot be used: {error}") from error
        except OSError as error:
            raise self._fault(url, error) from error

    def _fault(self, url: str, error: OSError) -> Exception:
        if error.errno in PULLED or not self._present():
            return ProvisionRefused("E-STICK-REMOVED", f"the stick is gone: {url} cannot be read ({error.strerror})")
        if isinstance(error, FileNotFoundError):
            return DownloadHTTPError(f"{url} is absent", HTTPStatus.NOT_FOUND)
        return ProvisionRefused("E-STICK-UNREADABLE", f"{url} on the stick cannot be read ({error.strerror})")

    def _present(self) -> bool:
        try:
            return any((self._folder / METADATA).iterdir())
        except OSError:
            return False


class _Web(Urllib3Fetcher):
    """tuf's own fetcher, with every error of the network as a DownloadError, also in the middle of a file."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield from super()._fetch(url)
        except urllib3.exceptions.HTTPError as error:
            raise DownloadError(f"{url} cannot be read ({error})") from error
