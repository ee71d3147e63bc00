"""What a district runs: PostgreSQL, and an Orthanc whose index is in it, both until the end of a block and in a private network."""

import pwd
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.peers.servers import START_S, orthanc, running

DATABASE_PORT = 15432
USER = "postgres"
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so")


@dataclass(frozen=True)
class Database:
    """A running server: the folder of its programs, and how they connect to it."""

    binaries: Path
    connect: tuple[str, ...]
    as_user: dict

    def dumped(self, path):
        """Backs it up as docs/district.md does, and returns what the copy holds."""
        with path.open("wb") as file:
            dump = (self.binaries / "pg_dump", *self.connect, "--format=custom", "orthanc")
            subprocess.run(dump, check=True, stdout=file, **self.as_user)
        return subprocess.run((self.binaries / "pg_restore", "--list", path), check=True, capture_output=True, text=True).stdout


def programs(missing):
    """The folder of the newest PostgreSQL of this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        missing("PostgreSQL (apt: postgresql)")
    if not PLUGIN.exists():
        missing(f"{PLUGIN} (apt: orthanc-postgresql)")
    return found[-1].parent


def until_ready(program, connect):
    """PostgreSQL listens before it answers."""
    end = time.monotonic() + START_S
    while subprocess.run((program, *connect), stdout=subprocess.DEVNULL, check=False).returncode:
        assert time.monotonic() < end, "PostgreSQL does not answer"
        time.sleep(0.05)


@contextmanager
def postgresql(missing):
    """An empty database `orthanc`, on DATABASE_PORT of the loopback alone. PostgreSQL refuses to run as root, and to share its folder."""
    binaries, account = programs(missing), pwd.getpwnam(USER)
    with TemporaryDirectory(prefix="district-") as folder:
        shutil.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": folder}
        made = (
            binaries / "initdb",
            "--no-sync",
            "--auth=trust",
            f"--username={USER}",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            f"{folder}/data",
        )
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **as_user)
        server = (binaries / "postgres", "-D", f"{folder}/data", "-h", "127.0.0.1", "-p", DATABASE_PORT, "-k", folder)
        with running(server, DATABASE_PORT, Path(folder) / "log", **as_user):
            connect = ("-h", "127.0.0.1", "-p", str(DATABASE_PORT), "-U", USER)
            until_ready(binaries / "pg_isready", connect)
            subprocess.run((binaries / "createdb", *connect, "orthanc"), check=True, **as_user)
            yield Database(binaries, connect, as_user)


@contextmanager
def district(folder, missing):
    """An Orthanc on PostgreSQL: the index in the database, which is given, the files in a folder."""
    stated = {"EnableIndex": True, "EnableStorage": False, "Host": "127.0.0.1", "Port": DATABASE_PORT, "Database": "orthanc"}
    more = {"PostgreSQL": {**stated, "Username": USER, "Password": "", "Lock": False, "IndexConnectionsCount": 4}}
    with postgresql(missing) as database, orthanc(folder, missing, more=more):
        yield database
