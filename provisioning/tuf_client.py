"""A TUF client in the shape that the independent tuf-conformance suite runs: the trust of a device, over http and by the system's clock.

    python -m provisioning.tuf_client --metadata-dir DIR init TRUSTED_ROOT
    python -m provisioning.tuf_client --metadata-dir DIR --metadata-url URL refresh
    python -m provisioning.tuf_client --metadata-dir DIR --metadata-url URL \
        --target-name NAME --target-base-url URL --target-dir DIR download

It ends with 0, or with 1 if anything was refused. DIR/ROLE.json is a copy of what is trusted; DIR/trust is the device's own.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from edge.disk.durable import make_folder, replace_file
from firmware_bridge.errors import SonoEdgeError
from provisioning.trust.client import Target
from provisioning.trust.floors import Floors
from provisioning.trust.source import web
from provisioning.trust.trust import Look, Trust, Verified

REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    given = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = given.run
    try:
        run(given)
    except (SonoEdgeError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


def _init(given: argparse.Namespace) -> None:
    make_folder(given.metadata_dir / "trust")
    for path in (_bootstrap(given.metadata_dir), given.metadata_dir / "root.json"):
        replace_file(path, given.trusted_root.read_bytes())


def _refresh(given: argparse.Namespace) -> None:
    _verified(given, lambda _: ())


def _download(given: argparse.Namespace) -> None:
    verified = _verified(given, lambda client: client.one_target(given.target_name))
    if not verified.targets:
        raise FileNotFoundError(f"no role lists {given.target_name}")
    target = verified.targets[0]
    destination = given.target_dir / quote(target.name, "")
    if not _has(destination, target):
        verified.fetch(target, destination)


def _verified(given: argparse.Namespace, look: Look) -> Verified:
    folder: Path = given.metadata_dir
    stored = folder / "trust" / "floors"
    floors = Floors.from_json(stored.read_bytes()) if stored.exists() else Floors()
    trust = Trust(folder / "trust", _bootstrap(folder).read_bytes(), floors, datetime.now(timezone.utc))
    try:
        return trust.refresh(web(given.metadata_url, given.target_base_url), look)
    finally:
        replace_file(stored, trust.floors.as_json())
        for path in [] if trust.committed is None else trust.committed.glob("*.json"):
            shutil.copyfile(path, folder / path.name)


def _has(path: Path, target: Target) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == target.sha256


def _bootstrap(folder: Path) -> Path:
    return folder / "trust" / "bootstrap"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tuf_client", description="A TUF client for the conformance suite")
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name", default="")
    parser.add_argument("--target-base-url", default="")
    parser.add_argument("--target-dir", type=Path, default=Path())
    commands = parser.add_subparsers(required=True)
    init = commands.add_parser("init")
    init.add_argument("trusted_root", type=Path)
    init.set_defaults(run=_init)
    commands.add_parser("refresh").set_defaults(run=_refresh)
    commands.add_parser("download").set_defaults(run=_download)
    return parser


if __name__ == "__main__":
    sys.exit(main())
