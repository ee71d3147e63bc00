"""What systemd lets through to the appliance: `sonoedge.service` denies every address, and a drop-in allows the networks of the site."""

import subprocess
from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path

from edge.disk.durable import make_folder, replace_file, sync_folder

UNITS = Path("/etc/systemd/system")
SERVICE = "sonoedge.service"
DROP_IN = f"{SERVICE}.d/60-site.conf"
RUNS = Path("/run/systemd/system")
HEAD = "# Written by `sonoedge provision site`: the networks of the signed policy of the site.\n[Service]\n"


def allow(networks: Iterable[IPv4Network], units: Path = UNITS) -> None:
    """Allows these networks and no others; without any, the drop-in is removed. A board whose appliance is no service stays as it is.

    Raises:
        OSError: the disk refuses it, or systemd does not read its units again.
    """
    if not (units / SERVICE).exists():
        return
    drop_in = units / DROP_IN
    lines = "".join(f"IPAddressAllow={network}\n" for network in networks)
    if lines:
        make_folder(drop_in.parent)
        replace_file(drop_in, (HEAD + lines).encode())
    elif drop_in.exists():
        drop_in.unlink()
        sync_folder(drop_in.parent)
    if units == UNITS and RUNS.exists():
        done = subprocess.run(["systemctl", "daemon-reload"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"systemctl daemon-reload: {done.stderr.strip()}")
